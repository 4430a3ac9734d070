import type { CallerRequest, HeaderList } from './caller-request.ts';

/** Whether callers may see which provider and model answered. */
export interface Disclosure {
  upstreamHeaders: boolean;
}

/** The headers of every answer, whatever it is. `request-id` is where Anthropic's SDK looks. */
export function responseHeaders(request: CallerRequest, { upstreamHeaders }: Disclosure): HeaderList {
  const { id, record, headers } = request;
  const list = ['x-request-id', id, 'request-id', id, 'x-modelgate-revision', record.revision];
  if (record.alias) {
    list.push('x-modelgate-alias', record.alias.name);
    list.push('x-modelgate-attempts', String(record.attempts.length));
    list.push('x-modelgate-cache', record.cache ?? 'bypass');
  }
  const last = record.attempts.at(-1);
  if (upstreamHeaders && last) {
    list.push('x-modelgate-provider', last.provider, 'x-modelgate-model', headerValue(last.model));
  }
  list.push(...headers);
  return list;
}

/** Model names may have any characters, header values may not. */
function headerValue(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? text : encodeURIComponent(text);
}
