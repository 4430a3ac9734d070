import { hash } from 'node:crypto';

/** 2025-01-01T00:00:00Z in seconds: a pure provider has no clock. */
const CREATED = 1_735_689_600;

/** Hex digits that are the same for the same request. */
export function fingerprint(body: Buffer): string {
  return hash('sha256', body, 'hex');
}

/** The members that every generated object begins with. */
export function identity(idPrefix: string, object: string, { body, model }: { body: Buffer; model: string }) {
  return { id: `${idPrefix}-${fingerprint(body).slice(0, 29)}`, object, created: CREATED, model };
}
