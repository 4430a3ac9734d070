import type {
  Condition,
  Explanation,
  LimitExplanation,
  PolicyExplanation,
  Setting,
  TargetExplanation,
  Tier,
} from '../../core/explain/explanation.ts';
import { settingText } from '../../core/policy/setting-text.ts';

/** An explanation for people. */
export function asText(explanation: Explanation): string {
  const { alias, policies, limits, tiers, settings } = explanation;
  const sections = [verdict(explanation)];
  if (alias) {
    sections.push(
      section('Alias', [aliasLine(alias)]),
      section('Policies', policies.map(policyLine), 'none'),
      section('Limits', limits.map(limitLine), 'none'),
      section('Targets', tiers.flatMap(tierLines)),
      section('Settings', columns(settings.map(settingCells))),
    );
  }
  return sections.join('\n\n');
}

function verdict({ model, caller, outcome }: Explanation): string {
  const who = caller ? `CallerKey ${caller.id}` : 'An unknown key';
  const expiry = caller?.expiresAt === undefined ? '' : ` (valid until ${caller.expiresAt})`;
  if (outcome.allowed) return `${who}${expiry} may call "${model}".`;
  return `${who} calling "${model}" is refused: ${outcome.status} ${outcome.code}\n  ${outcome.message}`;
}

function section(title: string, lines: readonly string[], otherwise = ''): string {
  const shown = lines.length > 0 ? lines : [otherwise];
  return [title, ...shown.map((line) => `  ${line}`)].join('\n');
}

function aliasLine({
  id,
  name,
  wildcard,
  strategy,
  whenAllUnhealthy,
}: NonNullable<Explanation['alias']>): string {
  const stands = wildcard === undefined ? '' : `, * is "${wildcard}"`;
  return `${id} ("${name}"${stands}); strategy ${strategy}; when all targets are unhealthy: ${whenAllUnhealthy}`;
}

function policyLine({ id, level, mode }: PolicyExplanation): string {
  return `${id}, for the ${level}${mode === 'Monitor' ? ' (only watches)' : ''}`;
}

function limitLine({ name, counts, max, per, scope, counter, policy, mode }: LimitExplanation): string {
  const what = counts === 'Concurrent' ? `${max} at once` : `${max} requests per ${per ?? '?'}`;
  const watches = mode === 'Monitor' ? ', only watched' : '';
  return `${name}: ${what} for each ${scope} = ${counter} (from ${policy}${watches})`;
}

function tierLines({ priority, targets }: Tier, index: number): string[] {
  const when = index === 0 ? 'first' : 'when no target before is healthy';
  return [`priority ${priority}, ${when}`, ...targets.flatMap(targetLines)];
}

function targetLines(target: TargetExplanation): string[] {
  const { model, credential, provider, baseURL, state, share, conditions, parameters } = target;
  const at = [provider, baseURL].filter((part) => part !== undefined).join(', ');
  const how = state === 'used' ? `${share} %` : state;
  return [
    `  ${how}: ${model} at ${credential} (${at})`,
    ...conditions.map((condition) => `    ${conditionLine(condition)}`),
    ...(parameters ? [`    parameters ${JSON.stringify(parameters)}`] : []),
    ...target.policies.map((policy) => `    policy ${policyLine(policy)}`),
    ...target.settings.map((setting) => `    ${settingCells(setting).join('  ')}`),
    ...target.limits.map((limit) => `    limit ${limitLine(limit)}`),
  ];
}

function conditionLine({ on, name, wanted, met }: Condition): string {
  return `${met ? 'met' : 'not met'}: ${on} ${name} must be "${wanted}"`;
}

function settingCells({ path, value, policy, monitor }: Setting): string[] {
  return [path, settingText(path, value), `${policy ?? 'default'}${monitor ? ' (Monitor)' : ''}`];
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = [0, 1].map((i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  '));
}
