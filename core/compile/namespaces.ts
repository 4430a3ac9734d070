import { everything } from './access.ts';
import type { Draft } from './draft.ts';
import type { NameIndex } from './name-index.ts';
import { Visibility } from './visibility.ts';

/** Namespaces that have callers or policies: which names mean what there, and what their callers may know of. */
export function namespaces(draft: Draft): void {
  const visibility = new Visibility([...draft.world.ModelAlias.values()], draft.input.namespaces);
  const tables = new Map<NameIndex, string>();
  const members = [...draft.world.CallerKey.values(), ...draft.world.TrafficPolicy.values()];
  for (const name of new Set(members.map(({ metadata }) => metadata.namespace))) {
    const names = visibility.names(name);
    draft.names.set(name, names);
    const visible = tables.get(names) ?? draft.access.add(everything(names));
    tables.set(names, visible);
    draft.namespaces[name] = { visible };
  }
}
