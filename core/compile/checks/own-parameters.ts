import type { ModelAlias } from '../../resources/model-alias.ts';
import type { Problem } from '../statuses.ts';

/** Members of a request that the gateway decides by. */
const DECIDED = ['model', 'stream'];

/** Parameters may change anything in a request but what routing and streaming are decided by. */
export function ownParameters({ spec }: ModelAlias): Problem | undefined {
  for (const [i, { parameters }] of spec.targets.entries()) {
    const { set = {}, default: defaults = {}, clamp = {}, rename = {}, drop = [] } = parameters ?? {};
    const touched = {
      set: Object.keys(set),
      default: Object.keys(defaults),
      clamp: Object.keys(clamp),
      drop,
    };
    const renamed = { rename: [...Object.keys(rename), ...Object.values(rename)] };
    for (const [group, names] of Object.entries({ ...touched, ...renamed })) {
      const name = DECIDED.find((decided) => names.includes(decided));
      if (name === undefined) continue;
      const message = `spec.targets[${i}].parameters.${group}: "${name}" is decided by the gateway: remove it`;
      return { reason: 'Invalid', message };
    }
  }
  return undefined;
}
