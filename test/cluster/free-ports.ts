import { createServer, type Server } from 'node:net';

// Below the range that systems give to outgoing connections and to `listen(0)`, so that nobody takes the port of a
// server that is being restarted.
const FIRST = 20_000;
const LAST = 32_000;

/** That many different loopback ports on which nobody listens; those that are preferred, if they are free. */
export async function freePorts(count: number, preferred: readonly number[] = []): Promise<number[]> {
  const held: Held[] = [];
  for (const wanted of [...preferred, ...Array<undefined>(count - preferred.length)])
    held.push((wanted === undefined ? undefined : await hold(wanted)) ?? (await holdAny()));
  await Promise.all(held.map(({ server }) => new Promise((done) => server.close(done))));
  return held.map(({ port }) => port);
}

interface Held {
  readonly port: number;
  readonly server: Server;
}

async function holdAny(): Promise<Held> {
  const held = await hold(FIRST + Math.floor(Math.random() * (LAST - FIRST)));
  return held ?? holdAny();
}

function hold(port: number): Promise<Held | undefined> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve({ port, server }));
  });
}
