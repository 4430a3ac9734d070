import { StringDecoder } from 'node:string_decoder';
import { ApiError, type StatusBody } from './api-error.ts';
import type { KubeObject } from './object.ts';

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes */
export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  object: KubeObject;
}

/**
 * The events of a watch: one JSON document a line. A last line without its end is dropped: the watch goes on
 * from the event before it.
 * @throws ApiError when the server ends the watch with an event of type ERROR
 */
export async function* watchEvents(bytes: AsyncIterable<Buffer>): AsyncGenerator<WatchEvent> {
  const decoder = new StringDecoder();
  let rest = '';
  for await (const chunk of bytes) {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop()!;
    for (const line of lines) if (line !== '') yield parse(line);
  }
}

function parse(line: string): WatchEvent {
  const event = JSON.parse(line) as WatchEvent | { type: 'ERROR'; object: StatusBody };
  if (event.type === 'ERROR') throw new ApiError('watch', event.object.code ?? 500, event.object);
  return event;
}
