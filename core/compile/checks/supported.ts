import type { Resource } from '../../resources/kinds.ts';
import { NOT_SUPPORTED, type Unsupported } from '../not-supported.ts';
import { valuesAt } from '../path-values.ts';
import type { Problem } from '../statuses.ts';

/** A resource that asks for what this version does not do is refused as a whole, rather than half obeyed. */
export function supported(resource: Resource): Problem | undefined {
  const faults = NOT_SUPPORTED[resource.kind].flatMap((entry) => faultsOf(resource, entry));
  return faults.length > 0 ? { reason: 'NotSupportedYet', message: faults.join('; ') } : undefined;
}

function faultsOf(resource: Resource, { path, harmless, only }: Unsupported): string[] {
  return valuesAt(resource, path).flatMap((at) => {
    if (only)
      return only.includes(String(at.value)) ? [] : [`${at.path}: ${unsupportedValue(at.value, only)}`];
    return harmless?.(at.value) === true ? [] : [`${at.path} is not supported yet: ${REMOVE}`];
  });
}

const REMOVE = 'remove it, or wait for a version that has it';

function unsupportedValue(value: unknown, only: readonly string[]): string {
  return `"${String(value)}" is not supported yet: use ${only.join(', ')}, or wait for a version that has it`;
}
