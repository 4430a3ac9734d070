import { hash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../free-port.ts';
import { bundle } from '../../scripts/bundle/bundle.ts';
import { NODE, type Lab } from '../lab.ts';
import { median } from '../measure.ts';
import { keyOf } from '../parties.ts';
import { Child, CORES } from '../process.ts';
import type { Case } from './case.ts';

const STARTS = 5;
const GIVE_UP = 30_000;

export const startCase: Case = {
  name: 'start',
  about: 'from the start of the bundled `modelgate serve` to the first 200 of a chat completion',
  async run(lab: Lab) {
    const folder = join(lab.folder, 'served');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'resources.yaml'), RESOURCES);
    const dist = join(lab.folder, 'dist');
    await bundle(dist);
    const program = join(dist, 'modelgate.js');
    const cold = await start(program, folder);
    const took: number[] = [];
    for (let i = 0; i < STARTS; i++) took.push(await start(program, folder));
    const note = `the first one, before the compile cache, ${cold.toFixed(0)} ms`;
    return {
      rows: [],
      checks: [{ name: 'start: first 200', value: median(took), target: 300, unit: 'ms', note }],
    };
  },
};

/** @returns milliseconds */
async function start(program: string, folder: string): Promise<number> {
  const port = await freePort();
  const ports = ['--port', String(port), '--admin-port', '0'];
  const files = ['--config', folder, '--state-dir', join(folder, 'state')];
  const began = performance.now();
  const child = new Child([...NODE, program, 'serve', ...ports, ...files], CORES?.server, {
    stderr: 'ignore',
  });
  try {
    while (!(await answers(port))) {
      if (performance.now() - began > GIVE_UP) throw new Error('modelgate serve did not answer');
      await delay(2);
    }
    return performance.now() - began;
  } finally {
    await child.stop();
  }
}

const BODY = '{"model":"chat","messages":[{"role":"user","content":"hello"}]}';
const REQUEST = `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${keyOf(0)}\r\ncontent-type: application/json\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`;

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    socket.write(REQUEST);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    return answer.toString('latin1', 9, 12) === '200';
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

const RESOURCES = `
apiVersion: modelgate.dev/v1alpha1
kind: ProviderCredential
metadata: {name: mock, namespace: bench}
spec: {provider: Mock}
---
apiVersion: modelgate.dev/v1alpha1
kind: ModelAlias
metadata: {name: chat, namespace: bench}
spec:
  targets: [{credentialRef: {name: mock}, model: echo}]
---
apiVersion: modelgate.dev/v1alpha1
kind: CallerKey
metadata: {name: caller, namespace: bench}
spec:
  sha256: ${hash('sha256', keyOf(0), 'hex')}
  aliases: [chat]
`;
