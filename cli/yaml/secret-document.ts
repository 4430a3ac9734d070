import { expand, type Environment } from './environment.ts';
import type { Path } from './document.ts';

export interface FilledSecret {
  value: unknown;
  unset: { path: Path; name: string }[];
}

/** A Secret with the variables in its values filled in. A value of `data` that has some is plain text, not base64. */
export function fillSecret(document: object, environment: Environment): FilledSecret {
  const unset: FilledSecret['unset'] = [];
  const secret: Record<string, unknown> = { ...document };
  const fill = (member: 'data' | 'stringData'): [string, unknown, boolean][] =>
    Object.entries(asObject(secret[member])).map(([key, value]) => {
      if (typeof value !== 'string') return [key, value, false];
      const { value: filled, missing } = expand(value, environment);
      unset.push(...missing.map((name) => ({ path: [member, key], name })));
      return [key, filled, filled !== value || missing.length > 0];
    });
  const [data, stringData] = [fill('data'), fill('stringData')];
  const plain = [...data.filter(([, , filled]) => filled), ...stringData];
  const encoded = data.filter(([, , filled]) => !filled);
  if (data.length > 0) secret['data'] = toObject(encoded);
  if (plain.length > 0) secret['stringData'] = toObject(plain);
  return { value: secret, unset };
}

function toObject(entries: readonly [string, unknown, boolean][]): Record<string, unknown> {
  return Object.fromEntries(entries.map(([key, value]) => [key, value]));
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}
