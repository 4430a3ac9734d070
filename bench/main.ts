import { parseArgs } from 'node:util';
import type { Check, Outcome, Row } from './cases/case.ts';
import { CASES } from './cases/index.ts';
import { Lab } from './lab.ts';
import { writeLastRun } from './last-run.ts';
import { pinSelf } from './process.ts';
import { report } from './report.ts';

const USAGE = `node bench/main.ts [case…] [--duration SECONDS] [--rounds N] [--json] [--write]

Measures the gateway beside the floor (the least that a proxy on Node can do) and nginx (when it is installed).

  --duration  seconds of load for each server in each round (3)
  --rounds    how often the servers take turns (3)
  --json      print JSON
  --write     keep the result in bench/README.md

Cases:
${CASES.map(({ name, about }) => `  ${name.padEnd(10)}  ${about}`).join('\n')}
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    duration: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

// The children are killed on `exit`, which a signal alone does not bring about.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.on(signal, () => process.exit(code));
}

const unknown = positionals.filter((name) => !CASES.some((known) => known.name === name));
const duration = Number(values.duration);
const rounds = Number(values.rounds);
if (values.help || unknown.length > 0 || !(duration > 0) || !Number.isInteger(rounds) || rounds < 1) {
  if (unknown.length > 0) console.error(`There is no case ${unknown.join(', ')}.\n`);
  console.log(USAGE);
  process.exit(values.help ? 0 : 2);
}

async function run(): Promise<Outcome> {
  const lab = new Lab({ duration: duration * 1_000, rounds });
  const rows: Row[] = [];
  const checks: Check[] = [];
  for (const { name, about, run: runCase } of CASES) {
    if (positionals.length > 0 && !positionals.includes(name)) continue;
    console.error(`${name}: ${about}`);
    const outcome = await runCase(lab);
    rows.push(...outcome.rows);
    checks.push(...outcome.checks);
  }
  return { rows, checks };
}

pinSelf();
const outcome = await run();
console.log(values.json ? JSON.stringify(outcome, undefined, 2) : `\n${report(outcome)}`);
if (values.write) writeLastRun(report(outcome));
process.exit();
