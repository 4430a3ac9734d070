import { hash } from 'node:crypto';
import { sorted } from './canonical.ts';
import type { Config } from './config.ts';
import { entryText } from './entry-text.ts';

/** Stamps a configuration with the hash of its content: 16 hex digits of the SHA-256 of its canonical JSON. */
export function withRevision(content: Omit<Config, 'revision'>): Config {
  const revision = hash('sha256', mapText(content, sectionText), 'hex').slice(0, 16);
  return { ...content, revision };
}

function sectionText(section: unknown): string {
  const isMap = typeof section === 'object' && section !== null && !Array.isArray(section);
  return isMap ? mapText(section, entryText) : entryText(section);
}

function mapText(map: object, textOf: (value: unknown) => string): string {
  const members = Object.entries(sorted(map as Readonly<Record<string, unknown>>));
  const texts = members
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${JSON.stringify(key)}:${textOf(value)}`);
  return `{${texts.join(',')}}`;
}
