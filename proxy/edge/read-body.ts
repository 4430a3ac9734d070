import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../../core/errors.ts';

/**
 * The whole body of a request.
 * @throws GatewayError 413 as soon as it is known to be larger than `limit` bytes; the rest is not kept.
 */
export function readBody(req: IncomingMessage, limit: number): Promise<Buffer> {
  const declared = Number(req.headers['content-length'] ?? 0);
  if (declared > limit) return Promise.reject(tooLarge(limit));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    req.on('data', (chunk: Buffer) => {
      const refused = length > limit;
      length += chunk.length;
      if (length <= limit) return chunks.push(chunk);
      chunks.length = 0;
      return refused || reject(tooLarge(limit));
    });
    req.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    req.on('close', () => {
      if (!req.complete)
        reject(new GatewayError('invalid_request', 'The request body ended before it was complete.'));
    });
  });
}

export function tooLarge(limit: number): GatewayError {
  const size = limit >= 1024 * 1024 ? `${limit / (1024 * 1024)} MiB` : `${limit} bytes`;
  return new GatewayError('request_too_large', `The request body is larger than ${size}.`);
}
