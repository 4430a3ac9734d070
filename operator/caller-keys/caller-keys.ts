import type { GeneratedKey, Input } from '../../core/compile/index.ts';
import type { Problem } from '../../core/compile/statuses.ts';
import { ApiError, isGone } from '../kube/api-error.ts';
import { OWN_RESOURCES, SECRETS } from '../kube/api-resources.ts';
import { eachLimited } from '../kube/each-limited.ts';
import { objectId } from '../kube/object.ts';
import type { Task, TaskInput, TaskOutcome, TaskWorld } from '../task.ts';
import { Announcements } from './announcements.ts';
import { keyGenerated, keyNotWritten, keyRotated } from './events.ts';
import { generatedCallers, generatedSecret, isCallerKey, type GeneratedCaller } from './generated-callers.ts';
import {
  isMadeFor,
  newSecret,
  previousKeys,
  readKeySecret,
  secretPatch,
  sha256Of,
  type KeyContent,
} from './key-secret.ts';
import { ROTATE_ANNOTATION } from './names.ts';
import { overlapOf, rotationRequest } from './rotation.ts';
import { statusFields, type StatusFields } from './status-fields.ts';
import { wantOf, type Want } from './want.ts';

const AT_ONCE = 16;
/** Milliseconds until a write is tried again that the API server refused. */
const TRY_AGAIN = 10_000;
/** Milliseconds; timers cannot wait for as long as some keys live. */
const LOOK_ANYWAY = 3_600_000;

/** Makes the keys of CallerKeys with `generate`, writes them into their Secrets, and replaces them in time. */
export class CallerKeys implements Task {
  readonly name = 'caller keys';
  readonly #baseURL: string;
  readonly #announcements = new Announcements();

  /** @param baseURL of the gateway, which is written beside each key; ends in /v1 */
  constructor(baseURL: string) {
    this.#baseURL = baseURL;
  }

  input(world: TaskWorld): Partial<Input> {
    const generated = generatedCallers(world).map((one): [string, GeneratedKey] => [
      one.id,
      this.#known(one),
    ]);
    return { generated: Object.fromEntries(generated) };
  }

  async run(input: TaskInput): Promise<TaskOutcome> {
    const problems = new Map<string, Problem>();
    const underWay = new Set<string>();
    const wakeAt = [input.now + LOOK_ANYWAY];
    const all = generatedCallers(input);
    this.#announcements.keep(new Set(all.map(({ id }) => id)));
    const refused = refusedIn(input);
    await eachLimited(all, AT_ONCE, async (one) => {
      const key = `CallerKey/${one.id}`;
      if (refused.has(one.id)) return;
      const want = this.#look(one, input.now);
      if (want === 'NewKey' && one.secret === undefined) underWay.add(key);
      try {
        await this.#markRequest(one, input);
        wakeAt.push(await this.#satisfy(want, one, input));
      } catch (error) {
        // Whoever leads now sees to it; and of objects that have changed the watch brings news.
        if (!(error instanceof ApiError)) throw error;
        if (isGone(error)) return;
        input.record(keyNotWritten(one, error.message));
        problems.set(key, notWritten(one, error.message));
        underWay.delete(key);
        wakeAt.push(input.now + TRY_AGAIN);
      }
    });
    return { fields: fieldsOf(input), problems, underWay, wakeAt: Math.min(...wakeAt) };
  }

  #known({ id, caller, secret }: GeneratedCaller): GeneratedKey {
    if (secret !== undefined && !isMadeFor(secret, caller)) return { foreign: true, others: [] };
    const announced = this.#announcements.hashFor(id);
    const previous = secret === undefined ? [] : readKeySecret(secret).previous;
    return { others: [...(announced === undefined ? [] : [{ sha256: announced }]), ...previous] };
  }

  #look({ id, caller, generate, secret }: GeneratedCaller, now: number): Want {
    const key = secret && readKeySecret(secret).key;
    this.#announcements.seen(id, { sha256: key && sha256Of(key), now });
    return wantOf({ caller, generate, secret, now, baseURL: this.#baseURL });
  }

  /** Writes down when "now" was: then it can be told whether the key that is there is younger. */
  async #markRequest({ caller, secret }: GeneratedCaller, { writer, now }: TaskInput): Promise<void> {
    if (rotationRequest(caller) !== 'now') return;
    const { namespace, name } = caller.metadata;
    // Clocks differ: the request is younger than the key that it is to replace.
    const at = Math.max(now, secret === undefined ? 0 : readKeySecret(secret).rotatedAt + 1);
    const annotations = { [ROTATE_ANNOTATION]: new Date(at).toISOString() };
    await writer.patch(OWN_RESOURCES.CallerKey, { namespace, name }, { metadata: { annotations } });
  }

  /** @returns when to look again, milliseconds since the epoch */
  async #satisfy(want: Want, one: GeneratedCaller, input: TaskInput): Promise<number> {
    if (want === 'OtherName') return Infinity;
    if (typeof want === 'object') return want.before;
    if (want === 'Update') {
      const { key, rotatedAt, previous } = readKeySecret(one.secret!);
      await this.#write(one, { key: key!, rotatedAt, previous }, input);
      return Infinity;
    }
    const taken = this.#announcements.take(one.id, input);
    if ('waitUntil' in taken) return taken.waitUntil;
    const overlap = overlapOf(one.generate);
    const previous = one.secret ? previousKeys(readKeySecret(one.secret), { now: input.now, overlap }) : [];
    await this.#write(one, { key: taken.key, rotatedAt: input.now, previous }, input);
    this.#announcements.written(one.id, input.now);
    input.record(one.secret === undefined ? keyGenerated(one) : keyRotated(one));
    return Infinity;
  }

  async #write(
    one: GeneratedCaller,
    content: Omit<KeyContent, 'baseURL'>,
    { writer }: TaskInput,
  ): Promise<void> {
    const { caller, generate, secret } = one;
    const name = generate.secretName;
    const whole = { ...content, baseURL: this.#baseURL };
    if (secret === undefined) {
      await writer.create(SECRETS, newSecret(caller, name, whole));
      return;
    }
    const { metadata, data } = secretPatch(caller, whole);
    // Only the Secret that was looked at: another one may have its name by now.
    const { resourceVersion } = secret.metadata;
    const { namespace } = caller.metadata;
    await writer.patch(SECRETS, { namespace, name }, { metadata: { ...metadata, resourceVersion }, data });
  }
}

/** Ids of CallerKeys that compile does not accept: they get no key. */
function refusedIn({ statuses }: TaskInput): Set<string> {
  const refused = statuses.filter(
    ({ kind, conditions }) =>
      kind === 'CallerKey' &&
      conditions.some(({ type, status }) => type === 'Accepted' && status === 'False'),
  );
  return new Set(refused.map(objectId));
}

function fieldsOf(world: TaskWorld): Map<string, StatusFields> {
  const callers = world.resources.filter(isCallerKey);
  return new Map(
    callers.map((caller) => [
      `CallerKey/${objectId(caller.metadata)}`,
      statusFields(caller, generatedSecret(world, caller)),
    ]),
  );
}

function notWritten({ generate }: GeneratedCaller, why: string): Problem {
  const message = `spec.generate.secretName: Secret "${generate.secretName}" cannot be written: ${why}`;
  return { reason: 'SecretNotWritten', message };
}
