import { canonicalJson } from '../config/canonical.ts';
import type { Alias, Config, Target } from '../config/config.ts';
import type { Change } from './change.ts';
import { compareEntries } from './entries.ts';

export function aliasChanges(before: Config, after: Config): Change[] {
  const { added, removed, kept } = compareEntries(before.aliases, after.aliases);
  return [
    ...removed.map(([id, { name }]) => ({
      kind: 'AliasRemoved' as const,
      id,
      text: `ModelAlias ${id} ("${name}") is removed`,
      breaking: true,
    })),
    ...added.map(([id, alias]) => ({
      kind: 'AliasAdded' as const,
      id,
      text: `ModelAlias ${id} ("${alias.name}") is added`,
      breaking: false,
      details: alias.targets.map(targetLine).map((line) => `+ ${line}`),
    })),
    ...kept.flatMap(([id, was, is]) => [...renamed(id, was, is), ...rerouted(id, was, is)]),
  ];
}

function renamed(id: string, was: Alias, is: Alias): Change[] {
  if (was.name === is.name) return [];
  const text = `ModelAlias ${id} is called "${is.name}" instead of "${was.name}"`;
  return [{ kind: 'AliasRenamed', id, text, breaking: true }];
}

function rerouted(id: string, was: Alias, is: Alias): Change[] {
  const [old, now] = [routeLines(was), routeLines(is)];
  const details = [
    ...old.filter((line) => !now.includes(line)).map((line) => `- ${line}`),
    ...now.filter((line) => !old.includes(line)).map((line) => `+ ${line}`),
  ];
  if (details.length === 0) return [];
  const broken = is.targets.length === 0 && was.targets.length > 0;
  const says = broken ? 'is left without a target that can be used' : 'is rerouted';
  return [
    {
      kind: 'AliasRerouted',
      id,
      text: `ModelAlias ${id} ("${is.name}") ${says}`,
      breaking: broken,
      details,
    },
  ];
}

/** What decides where requests go, one fact a line. */
function routeLines({ targets, routing }: Alias): string[] {
  return [
    ...targets.map(targetLine),
    `strategy ${routing.strategy}`,
    `when all targets are unhealthy: ${routing.whenAllUnhealthy}`,
  ];
}

function targetLine({ credential, model, weight, priority, when, parameters, pricing }: Target): string {
  const extras = Object.entries({ when, parameters, pricing })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `, ${name} ${canonicalJson(value)}`);
  return `${model} at ${credential}, priority ${priority}, weight ${weight}${extras.join('')}`;
}
