import type { Credential } from '../../core/config/config.ts';

const REDACTED = Buffer.from('[redacted]');

/** A provider's error may repeat the key it was sent: the caller must not see it. */
export function redact(body: Buffer, { keys, headers }: Credential): Buffer {
  const secrets = [...keys, ...Object.values(headers ?? {})].filter((secret) => secret.length >= 8);
  return secrets.reduce((text, secret) => replaceAll(text, Buffer.from(secret)), body);
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
