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
    const done = (settle: () => void): void => {
      req.off('data', onData).off('end', onEnd).off('error', onBroken).off('close', onBroken);
      settle();
    };
    const onData = (chunk: Buffer): void => {
      length += chunk.length;
      if (length > limit) return done(() => reject(tooLarge(limit)));
      chunks.push(chunk);
    };
    const onEnd = (): void => done(() => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    const onBroken = (): void =>
      done(() =>
        reject(new GatewayError('invalid_request', 'The request body ended before it was complete.')),
      );
    req.on('data', onData).on('end', onEnd).on('error', onBroken).on('close', onBroken);
  });
}

export function tooLarge(limit: number): GatewayError {
  const size = limit >= 1024 * 1024 ? `${limit / (1024 * 1024)} MiB` : `${limit} bytes`;
  return new GatewayError('request_too_large', `The request body is larger than ${size}.`);
}
