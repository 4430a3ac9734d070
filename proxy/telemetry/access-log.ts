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
    plain('requestId', requestId) +
    plain('endpoint', record.endpoint) +
    number('status', record.status) +
    plain('outcome', record.outcome) +
    plain('error', record.error) +
    plain('key', caller?.id) +
    plain('namespace', caller?.namespace) +
    plain('alias', alias?.id) +
    attempted(record) +
    `,"stream":${record.stream}` +
    text('limitedBy', record.limitedBy) +
    list('wouldHave', record.wouldHave) +
    tokens(record) +
    plain('cache', record.cache) +
    saved(record) +
    number('firstByteMs', record.firstByteAfter) +
    number('durationMs', record.duration) +
    plain('revision', record.revision) +
    ',"msg":"request"}\n'
  );
}

function attempted(record: RequestRecord): string {
  const { attempts } = record;
  const last = attempts.at(-1);
  return (
    plain('provider', last?.provider) +
    plain('credential', last?.credential) +
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

function saved({ saved: usage }: RequestRecord): string {
  return usage ? `,"savedInputTokens":${usage.input},"savedOutputTokens":${usage.output}` : '';
}

const NONE: readonly string[] = [];

function failuresOf({ attempts }: RequestRecord): readonly string[] {
  if (attempts.length < 2 && attempts[0]?.failure === undefined) return NONE;
  return attempts.flatMap(({ failure }) => failure ?? []);
}

/** A name of ours or of Kubernetes: nothing in it has to be escaped. */
function plain(name: string, value: string | undefined): string {
  return value === undefined ? '' : `,"${name}":"${value}"`;
}

function text(name: string, value: string | undefined): string {
  return value === undefined ? '' : `,"${name}":${JSON.stringify(value)}`;
}

/** To a tenth: more digits of a millisecond say nothing. */
function number(name: string, value: number | undefined): string {
  return value === undefined ? '' : `,"${name}":${Math.round(value * 10) / 10}`;
}

function list(name: string, values: readonly string[]): string {
  return values.length === 0 ? '' : `,"${name}":${JSON.stringify(values)}`;
}
