import type { Resource } from '../resources/kinds.ts';
import type { ModelAlias } from '../resources/model-alias.ts';
import { instant } from './instants.ts';

/** `namespace/name`, by which the config knows an object. */
export function idOf({ metadata }: Pick<Resource, 'metadata'>): string {
  return `${metadata.namespace}/${metadata.name}`;
}

/** What applications send as "model" to reach the alias. */
export function aliasNameOf({ metadata, spec }: ModelAlias): string {
  return spec.alias ?? metadata.name;
}

/** Milliseconds since the epoch; an object that does not say (it comes from a file) is as old as can be. */
export function createdAt({ metadata }: Pick<Resource, 'metadata'>): number {
  return instant(metadata.creationTimestamp) ?? 0;
}
