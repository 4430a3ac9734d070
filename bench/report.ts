import { cpus } from 'node:os';
import type { Check, Outcome, Row } from './cases/case.ts';
import { CORES } from './process.ts';

export function holds({ value, target }: Check): boolean {
  return value <= target;
}

/** The outcome as two tables in Markdown, which a terminal shows as well. */
export function report({ rows, checks }: Outcome): string {
  return [machine(), ...(rows.length > 0 ? [rowTable(rows)] : []), checkTable(checks)].join('\n\n');
}

function machine(): string {
  const cores = CORES ? 'each server alone on one core, load and upstream on another' : 'nothing pinned';
  return `Node ${process.versions.node} on ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${cores}.`;
}

function rowTable(rows: readonly Row[]): string {
  const titles = [
    'case',
    'server',
    'CPU µs/request',
    'req/s',
    'p50 ms',
    'p99 ms',
    'RSS MB',
    '× floor',
    '× nginx',
    'errors',
  ];
  return table(
    titles,
    rows.map((row) => [
      row.case,
      row.server,
      row.cpu.toFixed(1),
      row.perSecond.toFixed(0),
      row.p50.toFixed(2),
      row.p99.toFixed(2),
      row.rss.toFixed(0),
      row.toFloor?.toFixed(2) ?? '',
      row.toNginx?.toFixed(2) ?? '',
      String(row.errors),
    ]),
  );
}

function checkTable(checks: readonly Check[]): string {
  return table(
    ['', 'check', 'value', 'target', 'note'],
    checks.map((check) => [
      holds(check) ? '✔' : '✖',
      check.name,
      quantity(check.value, check.unit),
      `≤ ${quantity(check.target, check.unit)}`,
      check.note ?? '',
    ]),
  );
}

function quantity(value: number, unit: Check['unit']): string {
  if (unit === '×') return `${value.toFixed(2)} ×`;
  return `${value.toFixed(Number.isInteger(value) || value >= 100 ? 0 : 2)} ${unit}`;
}

function table(titles: readonly string[], lines: readonly (readonly string[])[]): string {
  const widths = titles.map((title, i) =>
    Math.max(title.length, 3, ...lines.map((cells) => cells[i]!.length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  return [line(titles), line(widths.map((width) => '-'.repeat(width))), ...lines.map(line)].join('\n');
}
