import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../../core/errors.ts';

/**
 * What Node's parser lets through and a gateway must not: it would be read in two ways further down.
 * @throws GatewayError 400
 */
export function checkRequest(req: IncomingMessage): void {
  const hosts = count(req.rawHeaders, 'host');
  if (hosts > 1) throw new GatewayError('invalid_request', 'The request has more than one Host header.');
  if (hosts === 0 && req.httpVersionMinor > 0) {
    throw new GatewayError('invalid_request', 'The request has no Host header.');
  }
  const hasBody =
    req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0;
  if (hasBody && (req.method === 'GET' || req.method === 'HEAD')) {
    throw new GatewayError('invalid_request', `A ${req.method} request must not have a body.`);
  }
}

function count(rawHeaders: readonly string[], name: string): number {
  let n = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const header = rawHeaders[i]!;
    if (header.length === name.length && header.toLowerCase() === name) n++;
  }
  return n;
}

const JSON_TYPE = /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-?8"?\s*)?;?\s*$/i;
/** Long runs of spaces would keep the pattern busy. */
const MAX_TYPE_LENGTH = 100;

function isJson(type = ''): boolean {
  return type.length <= MAX_TYPE_LENGTH && JSON_TYPE.test(type);
}

/**
 * Only plain JSON in UTF-8 is read: another charset or a compression could hide from a policy what it says.
 * @throws GatewayError 415
 */
export function checkContentType({ headers }: IncomingMessage): void {
  const type = headers['content-type'];
  if (type !== 'application/json' && !isJson(type)) {
    const message = `The content type ${JSON.stringify(type ?? 'none')} is not supported: send application/json in UTF-8.`;
    throw new GatewayError('unsupported_media_type', message);
  }
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    const message = `The content encoding ${JSON.stringify(encoding)} is not supported: send the body uncompressed.`;
    throw new GatewayError('unsupported_media_type', message);
  }
}
