import type { RequestRecord } from '../pipeline/request-record.ts';

/** pino's number for `info`. */
const INFO = 30;

/**
 * One JSON line for a request that ended, in the shape of the other log lines. Fixed fields, absent when they have
 * no value; no content, no keys. Durations in milliseconds. Put together by hand, because a general serializer
 * costs as much as routing the request.
 *
 * @param time milliseconds since the epoch
 */
export function accessLine(requestId: string, record: RequestRecord, time: number): string {
  const { caller, alias } = record;
  return (
    `{"level":${INFO},"time":${time}` +
    text('requestId', requestId) +
    text('endpoint', record.endpoint) +
    number('status', record.status) +
    text('outcome', record.outcome) +
    text('error', record.error) +
    text('key', caller?.id) +
    text('namespace', caller?.namespace) +
    text('alias', alias?.id) +
    attempted(record) +
    `,"stream":${record.stream}` +
    text('limitedBy', record.limitedBy) +
    list('wouldHave', record.wouldHave) +
    tokens(record) +
    number('firstByteMs', record.firstByteAfter) +
    number('durationMs', record.duration) +
    text('revision', record.revision) +
    ',"msg":"request"}\n'
  );
}

function attempted(record: RequestRecord): string {
  const { attempts } = record;
  const last = attempts.at(-1);
  return (
    text('provider', last?.provider) +
    text('credential', last?.credential) +
    text('model', last?.model) +
    number('attempts', attempts.length) +
    list('failures', failuresOf(record))
  );
}

function tokens({ usage }: RequestRecord): string {
  if (!usage) return '';
  const { input, output, cachedInput, reasoning } = usage;
  return `,"inputTokens":${input},"outputTokens":${output},"cachedInputTokens":${cachedInput},"reasoningTokens":${reasoning}`;
}

const NONE: readonly string[] = [];

function failuresOf({ attempts }: RequestRecord): readonly string[] {
  if (attempts.length < 2 && attempts[0]?.failure === undefined) return NONE;
  return attempts.flatMap(({ failure }) => failure ?? []);
}

/** Nothing in it has to be escaped. */
const PLAIN = /^[\w ./:*@-]*$/;

function text(name: string, value: string | undefined): string {
  if (value === undefined) return '';
  return PLAIN.test(value) ? `,"${name}":"${value}"` : `,"${name}":${JSON.stringify(value)}`;
}

/** To a tenth: more digits of a millisecond say nothing. */
function number(name: string, value: number | undefined): string {
  return value === undefined ? '' : `,"${name}":${Math.round(value * 10) / 10}`;
}

function list(name: string, values: readonly string[]): string {
  return values.length === 0 ? '' : `,"${name}":${JSON.stringify(values)}`;
}
