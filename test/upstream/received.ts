import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';

/** A request as the upstream got it. */
export interface Received {
  method: string;
  /** With its query. */
  path: string;
  /** Names and values in turn, as they came over the wire. */
  rawHeaders: readonly string[];
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** The body as JSON. */
  json: () => Record<string, unknown>;
  /** When the exchange is over: whether the whole answer was written, or the connection closed before. */
  closed: Promise<'complete' | 'broken'>;
}

export async function receive(req: IncomingMessage, res: ServerResponse): Promise<Received> {
  const closed = new Promise<'complete' | 'broken'>((resolve) => {
    res.once('close', () => resolve(res.writableFinished ? 'complete' : 'broken'));
  });
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  return {
    method: req.method ?? '',
    path: req.url ?? '',
    rawHeaders: req.rawHeaders,
    headers: req.headers,
    body,
    json: () => JSON.parse(body.toString()) as Record<string, unknown>,
    closed,
  };
}
