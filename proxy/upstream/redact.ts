import type { Credential } from '../../core/config/config.ts';

const REDACTED = Buffer.from('[redacted]');

/** Shorter words are no secrets, and would be found anywhere. */
const MIN_LENGTH = 8;

/**
 * A provider's error may repeat the key it was sent, as it is or in the encoding of its answer: the caller must not
 * see it.
 */
export function redact(body: Buffer, { keys, headers }: Credential): Buffer {
  const words = [...keys, ...Object.values(headers ?? {})].flatMap((value) => [value, ...value.split(' ')]);
  const secrets = words.filter((secret) => secret.length >= MIN_LENGTH).flatMap(spellings);
  return secrets.reduce((text, secret) => replaceAll(text, Buffer.from(secret)), body);
}

function spellings(secret: string): string[] {
  const inJson = JSON.stringify(secret).slice(1, -1);
  const inBase64 = Buffer.from(secret).toString('base64').replace(/=+$/, '');
  return [secret, inJson, inJson.replaceAll('/', '\\/'), encodeURIComponent(secret), inBase64];
}

function replaceAll(body: Buffer, secret: Buffer): Buffer {
  const pieces: Buffer[] = [];
  let from = 0;
  for (let at = body.indexOf(secret); at >= 0; at = body.indexOf(secret, from)) {
    pieces.push(body.subarray(from, at), REDACTED);
    from = at + secret.length;
  }
  return from === 0 ? body : Buffer.concat([...pieces, body.subarray(from)]);
}
