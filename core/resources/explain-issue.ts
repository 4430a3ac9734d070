import type * as z from 'zod';
import { hint } from './nearest.ts';

const NAMES: Readonly<Record<string, string>> = {
  object: 'a map',
  record: 'a map',
  array: 'a list',
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

const QUOTE = 'must be a string: put it in quotes';

/** A zod issue as a sentence for whoever wrote the document. Strings are quoted only where words are listed. */
export function explainIssue(issue: z.core.$ZodRawIssue): string {
  if (issue.code === 'invalid_type') return wrongType(issue.expected, issue.input);
  if (issue.code === 'invalid_value') return wrongWord(issue.values, issue.input);
  if (issue.code === 'too_small') return outOfBounds('least', issue.origin, Number(issue.minimum));
  if (issue.code === 'too_big') return outOfBounds('most', issue.origin, Number(issue.maximum));
  if (issue.code === 'invalid_key') return `this name ${issue.issues[0]?.message ?? 'is not allowed'}`;
  return issue.message ?? 'is not valid';
}

function wrongType(expected: string, input: unknown): string {
  const wanted = NAMES[expected] ?? expected;
  if (input === undefined) return `is required: give it ${wanted}`;
  if (expected === 'string' && (typeof input === 'number' || typeof input === 'boolean')) return QUOTE;
  return `must be ${wanted}, not ${nameOf(input)}`;
}

function nameOf(input: unknown): string {
  if (input === null) return 'null';
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'number' && !Number.isInteger(input)) return 'a fraction';
  return NAMES[typeof input] ?? typeof input;
}

function wrongWord(values: readonly unknown[], input: unknown): string {
  const words = values.map(String);
  if (input === undefined) return `is required: one of ${words.join(', ')}`;
  if (typeof input === 'number' && words.includes(String(input))) return QUOTE;
  if (typeof input !== 'string')
    return `must be ${words.length === 1 ? words[0] : `one of ${words.join(', ')}`}`;
  return `"${input.slice(0, 64)}" is not allowed${hint(input, words)}`;
}

const UNITS: Readonly<Record<string, string>> = { string: ' characters', array: ' entries' };

function outOfBounds(bound: 'least' | 'most', origin: string, limit: number): string {
  const unit = (UNITS[origin] ?? '').replace(limit === 1 ? /(s|ies)$/ : /$^/, (end) =>
    end === 'ies' ? 'y' : '',
  );
  return `must ${unit === '' ? 'be' : 'have'} at ${bound} ${limit}${unit}`;
}
