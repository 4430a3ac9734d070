import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { load } from 'js-yaml';
import { modelgate, temporaryFolder } from '../cli/command.ts';
import { judge } from './judge.ts';

const ROOT = join(import.meta.dirname, '../..');
const EXAMPLES = join(ROOT, 'examples/gitops');
const BIN = join(ROOT, 'cli/bin.js');
const textOf = (path: string): string => readFileSync(join(EXAMPLES, path), 'utf8');

test('what the gateway serves compiles', async () => {
  const { code, stdout } = await modelgate(['validate', '-f', 'gateway', '--assume-secrets'], {
    cwd: EXAMPLES,
  });
  assert.equal(code, 0, stdout);
});

test('Flux knows every field of its manifests', async () => {
  const manifests = globSync('flux/*.yaml', { cwd: EXAMPLES }).map(textOf);
  assert.equal(manifests.length, 3);
  assert.deepEqual((await judge({ manifests })).faults, []);
  const { faults } = await judge({ manifests: [manifests[0]!.replace('spec:', 'spec:\n  wrong: true')] });
  assert.match(faults[0]!, /unknown field "wrong"/);
});

interface Application {
  kind: string;
  metadata: { namespace: string };
  spec: { source: { path: string }; syncPolicy: { syncOptions: string[] } };
}

test('applications of Argo CD lead to folders that are there', () => {
  for (const file of ['argocd/modelgate.yaml', 'argocd/gateway.yaml']) {
    const { kind, metadata, spec } = load(textOf(file)) as Application;
    assert.deepEqual([kind, metadata.namespace], ['Application', 'argocd']);
    assert.ok(existsSync(join(spec.source.path === 'gateway' ? EXAMPLES : ROOT, spec.source.path)), file);
    assert.ok(spec.syncPolicy.syncOptions.includes('ServerSideApply=true'));
  }
});

interface Workflow {
  jobs: { review: { steps: { uses?: string; name?: string; run?: string }[] } };
}

const { steps } = (load(textOf('github-actions.yaml')) as Workflow).jobs.review;

test('actions of others are pinned by their commit', () => {
  const used = steps.flatMap(({ uses }) => uses ?? []);
  assert.ok(used.length > 0);
  for (const uses of used) assert.match(uses, /^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
});

/** A clone of the example repository on a branch, as a job of a pull request has it. */
async function pullRequest(t: TestContext, change: (gateway: string) => void): Promise<string> {
  const folder = await temporaryFolder(t);
  const git = (cwd: string, ...args: string[]): void => {
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
      cwd,
      stdio: 'pipe',
    });
  };
  const origin = join(folder, 'origin');
  mkdirSync(origin);
  git(origin, 'init', '--quiet', '--initial-branch', 'main');
  cpSync(join(EXAMPLES, 'gateway'), join(origin, 'gateway'), { recursive: true });
  git(origin, 'add', '.');
  git(origin, 'commit', '--quiet', '-m', 'before');
  git(folder, 'clone', '--quiet', 'origin', 'checkout');
  change(join(folder, 'checkout/gateway'));
  return join(folder, 'checkout');
}

/** Runs the steps one after the other until one fails; the name of that one, and what all have printed. */
function review(checkout: string): { failed: string | undefined; summary: string } {
  const tools = join(checkout, '../tools');
  mkdirSync(tools);
  // What npx would fetch is what is tested.
  writeFileSync(join(tools, 'npx'), `#!/bin/sh\nshift\nexec "${process.execPath}" "${BIN}" "$@"\n`);
  chmodSync(join(tools, 'npx'), 0o755);
  const GITHUB_STEP_SUMMARY = join(checkout, '../summary.md');
  const PATH = `${tools}:${process.env['PATH']}`;
  const env = { PATH, GITHUB_BASE_REF: 'main', GITHUB_STEP_SUMMARY };
  writeFileSync(GITHUB_STEP_SUMMARY, '');
  const failed = steps.find(({ run }) => {
    // As the runner does it: https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell
    const args = ['--noprofile', '--norc', '-e', '-o', 'pipefail', '-c', run ?? ''];
    return (
      run !== undefined && spawnSync('bash', args, { cwd: checkout, env, encoding: 'utf8' }).status !== 0
    );
  });
  return { failed: failed?.name, summary: readFileSync(GITHUB_STEP_SUMMARY, 'utf8') };
}

const edit = (path: string, from: string, to: string) => (gateway: string) => {
  const file = join(gateway, path);
  const text = readFileSync(file, 'utf8');
  assert.ok(text.includes(from));
  writeFileSync(file, text.replace(from, to));
};

test('a change that takes nothing away passes the pipeline, and the reviewer reads what it does', async (t) => {
  const { failed, summary } = review(
    await pullRequest(t, edit('platform/chat.yaml', 'model: gpt-5-mini', 'model: gpt-5')),
  );
  assert.equal(failed, undefined);
  assert.match(summary, /platform\/chat/);
});

test('a change that does not compile ends at the first step', async (t) => {
  const { failed } = review(
    await pullRequest(t, edit('platform/chat.yaml', 'name: openai', 'name: opeanai')),
  );
  assert.equal(failed, 'Everything is in order');
});

test('a change that takes something away waits for the label', async (t) => {
  const { failed, summary } = review(
    await pullRequest(t, (gateway) => rmSync(join(gateway, 'shop/checkout.yaml'))),
  );
  assert.equal(failed, 'Nothing that worked is taken away');
  assert.match(summary, /shop\/checkout/);
});
