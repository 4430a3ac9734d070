import type { CallerKey, Resource } from '../../core/resources/kinds.ts';
import { objectId } from '../kube/object.ts';
import type { SecretValue, TaskWorld } from '../task.ts';

/** A CallerKey whose key is generated, and the Secret of the name that it gives. */
export interface GeneratedCaller {
  /** `namespace/name`. */
  id: string;
  caller: CallerKey;
  generate: NonNullable<CallerKey['spec']['generate']>;
  secret: SecretValue | undefined;
}

export function isCallerKey(resource: Resource): resource is CallerKey {
  return resource.kind === 'CallerKey';
}

export function generatedCallers(world: TaskWorld): GeneratedCaller[] {
  return world.resources.filter(isCallerKey).flatMap((caller) => {
    const { generate } = caller.spec;
    if (generate === undefined) return [];
    return [{ id: objectId(caller.metadata), caller, generate, secret: generatedSecret(world, caller) }];
  });
}

/** The Secret that the CallerKey names for its key, whoever made it. */
export function generatedSecret(world: TaskWorld, { metadata, spec }: CallerKey): SecretValue | undefined {
  return spec.generate && world.secret(`${metadata.namespace}/${spec.generate.secretName}`);
}
