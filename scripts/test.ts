/**
 * `npm test`: everything that must hold, in one run. The last line is `N passed, M failed`.
 * With arguments, only the named test files or globs: `npm test -- proxy/limits/*.test.ts`.
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { pipeline } from 'node:stream/promises';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { helmProgram, kubernetesPrograms } from '../test/cluster/build/programs.ts';
import { judgeProgram } from '../test/gitops/judge.ts';

const CHECKS: readonly { name: string; command: string; args: readonly string[] }[] = [
  { name: 'types', command: 'tsc', args: [] },
  { name: 'lint', command: 'oxlint', args: ['--type-aware'] },
  { name: 'format (npm run format mends it)', command: 'oxfmt', args: ['--check'] },
];
const TESTS = ['{core,operator,proxy,cli,test}/**/*.test.ts'];

const total = { passed: 0, failed: 0 };

function check({ name, command, args }: (typeof CHECKS)[number]): void {
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  console.log(`${status === 0 ? '✔' : '✖'} ${name}`);
  total[status === 0 ? 'passed' : 'failed'] += 1;
}

/** Once on a machine, which takes minutes; before the tests that want them, so that one sees how it goes. */
async function buildPrograms(): Promise<void> {
  await kubernetesPrograms();
  await helmProgram(3);
  await helmProgram(4);
  await judgeProgram();
}

async function test(globPatterns: string[]): Promise<void> {
  const events = run({ globPatterns, concurrency: availableParallelism(), execArgv: ['--no-warnings'] });
  const isSuite = (type?: string): boolean => type === 'suite';
  events.on('test:pass', ({ details }) => (total.passed += isSuite(details.type) ? 0 : 1));
  events.on('test:fail', ({ details }) => (total.failed += isSuite(details.type) ? 0 : 1));
  await pipeline(events, new spec(), process.stdout, { end: false });
}

const named = process.argv.slice(2);
if (named.length === 0) {
  CHECKS.forEach(check);
  // The tests that need them will fail, with this reason.
  await buildPrograms().catch((error: unknown) => console.error(error));
}
await test(named.length === 0 ? TESTS : named);
if (total.passed === 0) total.failed += 1;
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
