import type { Parameters } from '../config/config.ts';
import type { Member } from '../json/scan.ts';

type Bytes = Buffer;

/** What a target's parameters make of a request: key → bytes of the new value, undefined for one to take out. */
export type ParameterChanges = Map<string, Bytes | undefined>;

/** The members of a request as they are after the changes so far. */
interface Draft {
  changes: ParameterChanges;
  current: (key: string) => Bytes | undefined;
}

type Step = (draft: Draft, parameters: Parameters) => void;

/** In this order, so that a default can replace what was dropped, and what is set is final. */
const STEPS: readonly Step[] = [drop, rename, fillIn, clamp, set];

/** What each layer makes of what the one before left. The model is no parameter: it is always the target's. */
export function applyParameters(
  bytes: Buffer,
  members: readonly Member[],
  ...layers: readonly Parameters[]
): ParameterChanges {
  const changes: ParameterChanges = new Map();
  const current = (key: string): Bytes | undefined => {
    if (changes.has(key)) return changes.get(key);
    const member = members.find((m) => m.key === key);
    return member && bytes.subarray(member.valueStart, member.end);
  };
  for (const parameters of layers) {
    for (const step of STEPS) step({ changes, current }, parameters);
  }
  changes.delete('model');
  return changes;
}

/** A field that is there under both names keeps the value under its new one. */
function rename({ changes, current }: Draft, parameters: Parameters): void {
  for (const [from, to] of Object.entries(parameters.rename ?? {})) {
    const value = current(from);
    if (value === undefined) continue;
    if (current(to) === undefined) changes.set(to, value);
    changes.set(from, undefined);
  }
}

function drop({ changes }: Draft, parameters: Parameters): void {
  for (const key of parameters.drop ?? []) changes.set(key, undefined);
}

function fillIn({ changes, current }: Draft, parameters: Parameters): void {
  for (const [key, value] of Object.entries(parameters.default ?? {})) {
    if (current(key) === undefined) changes.set(key, encode(value));
  }
}

/** Only numbers are bounded. */
function clamp({ changes, current }: Draft, parameters: Parameters): void {
  for (const [key, { min = -Infinity, max = Infinity }] of Object.entries(parameters.clamp ?? {})) {
    const text = current(key)?.toString('utf8');
    const value = text === undefined || text.startsWith('"') ? NaN : Number(text);
    if (value < min) changes.set(key, encode(min));
    if (value > max) changes.set(key, encode(max));
  }
}

function set({ changes }: Draft, parameters: Parameters): void {
  for (const [key, value] of Object.entries(parameters.set ?? {})) changes.set(key, encode(value));
}

function encode(value: unknown): Bytes {
  return Buffer.from(JSON.stringify(value));
}
