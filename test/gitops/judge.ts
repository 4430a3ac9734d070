import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { goCommand } from '../cluster/build/go.ts';
import { withLock } from '../cluster/build/lock.ts';

const SOURCE = join(import.meta.dirname, 'judge');
const FILES = ['go.mod', 'go.sum', 'main.go'];
const CACHE = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'modelgate-test');

/** A `healthCheckExprs` entry of a Flux Kustomization. */
export interface HealthCheck {
  apiVersion: string;
  kind: string;
  current: string;
  inProgress?: string;
  failed?: string;
}

export interface Question {
  /** A health check of Argo CD, in Lua. */
  script?: string;
  exprs?: readonly HealthCheck[];
  objects?: readonly object[];
  /** Manifests of Flux, as YAML. */
  manifests?: readonly string[];
}

export interface Judgement {
  /** Healthy, Progressing, Degraded or Suspended. */
  argo?: { status: string; message: string };
  /** Current, InProgress, Failed or Terminating. */
  kstatus: { status: string; message: string };
  /** The same words, after `exprs`. */
  flux: string;
}

export interface Verdict {
  /** One for each object. */
  judgements: Judgement[];
  /** What Flux would not take of the manifests. */
  faults: string[];
}

/** Asks the libraries of Argo CD and Flux, by a program that is built once. */
export async function judge(question: Question): Promise<Verdict> {
  const input = JSON.stringify(question);
  const { status, stdout, stderr } = spawnSync(await judgeProgram(), { input, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the judge failed: ${stderr}`);
  return JSON.parse(stdout) as Verdict;
}

/** The path of the program; built first when that was not done yet. */
export async function judgeProgram(): Promise<string> {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const file of FILES) hash.update(readFileSync(join(SOURCE, file)));
  const binary = join(CACHE, `judge-${hash.digest('hex').slice(0, 16)}`);
  if (!existsSync(binary))
    await withLock(`${binary}.lock`, async () => {
      if (!existsSync(binary)) await build(binary);
    });
  return binary;
}

async function build(binary: string): Promise<void> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const go = await goCommand(CACHE, say);
  say('building what judges objects as Argo CD and Flux do: a minute, once');
  const draft = `${binary}.${process.pid}`;
  // The versions are the committed ones, whatever the machine is set to.
  const env = { ...process.env, GOFLAGS: '-mod=readonly -buildvcs=false', GOWORK: 'off' };
  execFileSync(go, ['build', '-ldflags', '-s -w', '-o', draft, '.'], { cwd: SOURCE, env });
  renameSync(draft, binary);
}
