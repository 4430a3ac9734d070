import type { Member } from './scan.ts';

/** Key → the bytes of its new value; undefined removes it. Keys that the object lacks are added at the end. */
export type Changes = ReadonlyMap<string, Buffer | undefined>;

const OPEN = Buffer.from('{');
const CLOSE = Buffer.from('}');
const COMMA = Buffer.from(',');

/** Applies changes to the top level of a JSON object. What is not named stays as it is, byte for byte. */
export function editObject(bytes: Buffer, members: readonly Member[], changes: Changes): Buffer {
  for (const [key, value] of changes) {
    const there = members.some((m) => m.key === key);
    // Members that come or go move the commas.
    if (there !== (value !== undefined)) return rebuild(bytes, members, changes);
  }
  return splice(bytes, members, changes);
}

function splice(bytes: Buffer, members: readonly Member[], changes: Changes): Buffer {
  const pieces: Buffer[] = [];
  let from = 0;
  for (const member of members) {
    const value = changes.get(member.key);
    if (!value) continue;
    pieces.push(bytes.subarray(from, member.valueStart), value);
    from = member.end;
  }
  pieces.push(bytes.subarray(from));
  return Buffer.concat(pieces);
}

function rebuild(bytes: Buffer, members: readonly Member[], changes: Changes): Buffer {
  const pieces: Buffer[] = [];
  const add = (...piece: Buffer[]): void => void pieces.push(pieces.length === 0 ? OPEN : COMMA, ...piece);
  for (const { key, start, valueStart, end } of members) {
    const value = changes.get(key);
    if (value) add(bytes.subarray(start, valueStart), value);
    else if (!changes.has(key)) add(bytes.subarray(start, end));
  }
  for (const [key, value] of changes) {
    if (value && !members.some((m) => m.key === key)) add(Buffer.from(`${JSON.stringify(key)}:`), value);
  }
  if (pieces.length === 0) pieces.push(OPEN);
  return Buffer.concat([...pieces, CLOSE]);
}
