import { hash } from 'node:crypto';
import * as z from 'zod';
import { GENERATED_KEY } from '../../core/compile/caller-keys.ts';
import { instant } from '../../core/compile/instants.ts';
import { API_VERSION, type CallerKey } from '../../core/resources/kinds.ts';
import type { KubeObject, OwnerReference } from '../kube/object.ts';
import type { SecretValue } from '../task.ts';
import { BASE_URL_KEY, CALLER_KEY_LABEL, PREVIOUS_ANNOTATION, ROTATED_AT_ANNOTATION } from './names.ts';

/** A key that was replaced, and until when it is good; milliseconds since the epoch. */
export interface PreviousKey {
  sha256: string;
  expiresAt: number;
}

/** More are of no use: the oldest are forgotten. */
const MOST_PREVIOUS = 16;
/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set */
const LONGEST_LABEL = 63;

/** What a Secret of ours holds and says. */
export interface KeySecret {
  /** Undefined when somebody took it out. */
  key: string | undefined;
  /** Milliseconds since the epoch. */
  rotatedAt: number;
  previous: readonly PreviousKey[];
  baseURL: string | undefined;
}

/** What a Secret of ours is to hold. */
export interface KeyContent {
  key: string;
  rotatedAt: number;
  previous: readonly PreviousKey[];
  baseURL: string;
}

/** Whether the Secret was made for this very CallerKey, not for one that had its name before. */
export function isMadeFor({ metadata }: SecretValue, { metadata: { uid } }: CallerKey): boolean {
  return metadata.ownerReferences?.some((owner) => owner.kind === 'CallerKey' && owner.uid === uid) ?? false;
}

export function readKeySecret({ metadata, data }: SecretValue): KeySecret {
  const { annotations = {}, creationTimestamp } = metadata;
  const key = data[GENERATED_KEY]?.trim();
  return {
    key: key === '' ? undefined : key,
    rotatedAt: instant(annotations[ROTATED_AT_ANNOTATION]) ?? instant(creationTimestamp) ?? 0,
    previous: readPrevious(annotations[PREVIOUS_ANNOTATION]),
    baseURL: data[BASE_URL_KEY],
  };
}

export function sha256Of(key: string): string {
  return hash('sha256', key, 'hex');
}

/** The keys before this one: those that are still good, and the one that is replaced now. Newest first. */
export function previousKeys(
  { key, previous }: KeySecret,
  { now, overlap }: { now: number; overlap: number },
): PreviousKey[] {
  const replaced = key === undefined ? [] : [{ sha256: sha256Of(key), expiresAt: now + overlap }];
  return [...replaced, ...previous].filter(({ expiresAt }) => expiresAt > now).slice(0, MOST_PREVIOUS);
}

/** A new Secret. It goes with its CallerKey. */
export function newSecret(caller: CallerKey, name: string, content: KeyContent): KubeObject {
  const { namespace } = caller.metadata;
  const { metadata, data } = secretPatch(caller, content);
  const ownerReferences = [ownerOf(caller)];
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    metadata: { ...metadata, name, namespace, ownerReferences },
    data,
  };
}

/** What is changed in a Secret that is there; whatever else stands in it stays. */
export function secretPatch({ metadata: { name } }: CallerKey, content: KeyContent) {
  const { key, rotatedAt, previous, baseURL } = content;
  const labels = {
    'app.kubernetes.io/managed-by': 'modelgate',
    ...(name.length <= LONGEST_LABEL && { [CALLER_KEY_LABEL]: name }),
  };
  const annotations = {
    [ROTATED_AT_ANNOTATION]: new Date(rotatedAt).toISOString(),
    [PREVIOUS_ANNOTATION]: writePrevious(previous),
  };
  return {
    metadata: { labels, annotations },
    data: { [GENERATED_KEY]: base64(key), [BASE_URL_KEY]: base64(baseURL) },
  };
}

function ownerOf({ metadata: { name, uid = '' } }: CallerKey): OwnerReference {
  return { apiVersion: API_VERSION, kind: 'CallerKey', name, uid, controller: true };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

const Written = z.array(
  z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/), expiresAt: z.iso.datetime() }),
);

/** What somebody spoilt lets nobody in. */
function readPrevious(text = '[]'): PreviousKey[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [];
  }
  const { data = [] } = Written.safeParse(value);
  return data
    .slice(0, MOST_PREVIOUS)
    .map(({ sha256, expiresAt }) => ({ sha256, expiresAt: Date.parse(expiresAt) }));
}

function writePrevious(keys: readonly PreviousKey[]): string {
  return JSON.stringify(
    keys.map(({ sha256, expiresAt }) => ({ sha256, expiresAt: new Date(expiresAt).toISOString() })),
  );
}
