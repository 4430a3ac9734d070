import { hash } from 'node:crypto';
import { canonicalJson } from './canonical.ts';
import type { Config } from './config.ts';

/** Stamps a configuration with the hash of its content: 16 hex digits of SHA-256. */
export function withRevision(content: Omit<Config, 'revision'>): Config {
  const revision = hash('sha256', canonicalJson(content), 'hex').slice(0, 16);
  return { ...content, revision };
}
