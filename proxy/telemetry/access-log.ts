import type { Logger } from 'pino';
import type { RequestRecord } from '../pipeline/request-record.ts';

/** One line for each request that ended. Fixed fields; no content, no keys. Durations in milliseconds. */
export function logAccess(log: Logger, requestId: string, record: RequestRecord): void {
  const { caller, alias } = record;
  log.info(
    {
      requestId,
      endpoint: record.endpoint,
      status: record.status,
      outcome: record.outcome,
      error: record.error,
      key: caller?.id,
      namespace: caller?.namespace,
      alias: alias?.id,
      ...attempted(record),
      stream: record.stream,
      limitedBy: record.limitedBy,
      wouldHave: orNothing(record.wouldHave),
      ...tokens(record),
      firstByteMs: round(record.firstByteAfter),
      durationMs: round(record.duration),
      revision: record.revision,
    },
    'request',
  );
}

function attempted({ attempts }: RequestRecord) {
  const last = attempts.at(-1);
  return {
    provider: last?.provider,
    credential: last?.credential,
    model: last?.model,
    attempts: attempts.length,
    failures: orNothing(attempts.flatMap(({ failure }) => failure ?? [])),
  };
}

function tokens({ usage }: RequestRecord) {
  return {
    inputTokens: usage?.input,
    outputTokens: usage?.output,
    cachedInputTokens: usage?.cachedInput,
    reasoningTokens: usage?.reasoning,
  };
}

function orNothing(list: readonly string[]): readonly string[] | undefined {
  return list.length > 0 ? list : undefined;
}

function round(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.round(ms * 10) / 10;
}
