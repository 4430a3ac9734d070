import { GatewayError } from '../../core/errors.ts';
import type { MemoryLimits } from '../limits/memory.ts';
import { upstreamModel, type Alias } from '../runtime/alias.ts';
import { isCredentialsFault, UpstreamFailure } from '../upstream/failure.ts';
import type { Answer } from './answer.ts';
import type { Exchange, RoutedExchange } from './exchange.ts';
import { Selection, type Chosen } from './selection.ts';

type Call = (x: RoutedExchange) => Promise<Answer>;

/** A failed attempt, and whether another key of the same credential could do better. */
interface Failed {
  chosen: Chosen;
  failure: UpstreamFailure;
  otherKey: boolean;
}

/** Sends the request to one target after the other until one answers: fail-over is calling `call` again. */
export function route(limits: MemoryLimits, call: Call) {
  return async (x: Exchange): Promise<Answer> => {
    const selection = new Selection(x, limits);
    x.alias.retryBudget.request(performance.now());
    let chosen = first(selection, x);
    let failures: readonly UpstreamFailure[] = NONE;
    for (let attempt = 1; ; attempt++) {
      const routed = begin(x, chosen, selection);
      let failed: Failed;
      try {
        return await call(routed);
      } catch (error) {
        failed = fail(routed, chosen, error);
      }
      selection.release(chosen);
      failures = [...failures, failed.failure];
      const next = mayRetry(failed, attempt, x) ? await another(selection, failed, attempt, x) : undefined;
      if (!next) throw told(failures);
      chosen = next;
    }
  };
}

const NONE: readonly UpstreamFailure[] = [];

/** The caller hears of the last failure; of several rate limits, when the first one is over. */
function told(failures: readonly UpstreamFailure[]): GatewayError {
  const { reason, shown } = failures.at(-1)!;
  if (reason !== '429') return shown;
  const waits = failures
    .filter((failure) => failure.reason === '429')
    .map((f) => f.shown.details.retryAfter!);
  return new GatewayError(shown.code, shown.message, { retryAfter: Math.min(...waits) });
}

function first(selection: Selection, x: Exchange): Chosen {
  const now = performance.now();
  const best = selection.untried(now);
  if (best) return best;
  const { limited } = selection;
  if (limited) {
    x.request.record.limitedBy = limited.name;
    const message = `No target of this alias has room: the limit ${limited.name} is reached.`;
    throw new GatewayError('rate_limit_exceeded', message, { retryAfter: limited.retryAfter });
  }
  const leastBad = x.alias.config.routing.whenAllUnhealthy === 'Fail' ? undefined : selection.leastBad();
  if (leastBad) return leastBad;
  throw new GatewayError('no_healthy_target', nobodyServes(x.alias), {
    retryAfter: selection.restingFor(now),
  });
}

function nobodyServes({ config: { name, targets } }: Alias): string {
  return targets.length > 0
    ? `No target of the alias "${name}" is healthy.`
    : `The alias "${name}" has no target that can be used at present. Its owner finds the reason in its status.`;
}

/** Takes a key and a place at the target, and writes the attempt down. */
function begin(x: Exchange, chosen: Chosen, selection: Selection): RoutedExchange {
  const { planned } = chosen;
  const { credential, breaker, load, config } = planned.target;
  const key = credential.keys.take(performance.now());
  const model = upstreamModel(x.alias.config, config, x.parsed.model);
  x.request.record.attempts.push({ credential: credential.id, provider: credential.config.provider, model });
  breaker.enter();
  if (load.watched) {
    chosen.counted = true;
    load.enter();
  }
  // A place lasts until the attempt has failed, or the answer has ended.
  if (chosen.counted || chosen.demands.length > 0) x.request.onFinish(() => selection.release(chosen));
  return { ...x, target: planned, model, key };
}

/** @throws what is no failure of a provider: a defect of ours */
function fail({ request, target, key }: RoutedExchange, chosen: Chosen, error: unknown): Failed {
  if (!(error instanceof UpstreamFailure)) {
    target.target.breaker.abandoned();
    throw error;
  }
  // That the caller left is no failure of the provider.
  if (error.reason !== 'Cancelled') request.record.attempts.at(-1)!.failure = error.reason;
  return { chosen, failure: error, otherKey: blame(error, target, key) };
}

/** Rests the key or the target that failed; true when another key is there to try. */
function blame(
  { reason, retryAfter }: UpstreamFailure,
  { target, settings }: Chosen['planned'],
  key: string | undefined,
): boolean {
  const now = performance.now();
  const { circuitBreaker } = settings;
  const keysFault = reason === '401' || reason === '429';
  if (keysFault && key !== undefined && target.credential.keys.size > 1) {
    const until = now + Math.min(retryAfter ?? circuitBreaker.openFor, circuitBreaker.maxOpenFor);
    if (target.credential.keys.rest(key, until, now)) {
      target.breaker.abandoned();
      return true;
    }
  }
  const counts = (circuitBreaker.openOn as readonly string[]).includes(reason);
  if (counts) target.breaker.failure(now, circuitBreaker, retryAfter);
  else target.breaker.abandoned();
  return false;
}

/** A bad credential is ours, not the caller's: another target may well answer. */
function mayRetry({ chosen, failure }: Failed, attempt: number, { request }: Exchange): boolean {
  const { retries } = chosen.planned.settings;
  const worthIt =
    (retries.retryOn as readonly string[]).includes(failure.reason) || isCredentialsFault(failure);
  return worthIt && attempt < retries.attempts && stillWanted(request, chosen);
}

/** Milliseconds. With less time left nobody answers; and timers fire a little early. */
const WORTH_TRYING = 2;

/** The caller is there, and its request may take longer. */
function stillWanted({ givenUp, receivedAt }: Exchange['request'], { planned }: Chosen): boolean {
  return !givenUp && performance.now() + WORTH_TRYING < receivedAt + planned.settings.timeouts.total;
}

/** Another target at once; else the same one, if that may help, after a pause and within the retry budget. */
async function another(
  selection: Selection,
  { chosen, failure, otherKey }: Failed,
  attempt: number,
  x: Exchange,
): Promise<Chosen | undefined> {
  const untried = otherKey ? undefined : selection.untried(performance.now());
  if (untried) return untried;
  const hopeless = failure.reason === '429' || isCredentialsFault(failure);
  if (hopeless && !otherKey) return undefined;
  const { backoffBase, backoffMax, budgetPercent } = chosen.planned.settings.retries;
  if (!x.alias.retryBudget.take(performance.now(), budgetPercent)) return undefined;
  if (!otherKey) await pause(Math.random() * Math.min(backoffMax, backoffBase * 2 ** attempt), x.request);
  return stillWanted(x.request, chosen) ? selection.again(chosen.index, performance.now()) : undefined;
}

/** Over at once when nobody waits any more. */
function pause(ms: number, request: Exchange['request']): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    const cancel = (): void => {
      clearTimeout(timer);
      resolve();
    };
    request.underWay = { cancel };
  });
}
