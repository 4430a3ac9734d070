import type { AnswerCache, CacheKey, KeptAnswer } from '../cache/answer-cache.ts';
import { cacheControl } from '../cache/cache-control.ts';
import { Flights } from '../cache/flights.ts';
import { Recording } from '../cache/recording.ts';
import { replayed } from '../cache/replay.ts';
import { isStorable } from '../cache/storable.ts';
import type { PlannedCache } from '../runtime/plan.ts';
import type { ByteStream } from '../upstream/byte-stream.ts';
import type { Answer } from './answer.ts';
import { keyOf } from './cache-key.ts';
import type { CallerRequest } from './caller-request.ts';
import type { Exchange, Stage } from './exchange.ts';

type Next = () => Promise<Answer>;

/** The answer of a flight, once more for whoever joined; undefined when its beginning is gone. */
type Shared = (follower: CallerRequest) => Answer | undefined;

/** Gives answers again that were given before, and asks once for requests that are equal and under way together. */
export function cache(answers: AnswerCache): Stage {
  const treatment = new Treatment(answers);
  return (x, next) => {
    const planned = x.plan.cache;
    if (planned === undefined) return next();
    return planned.rules.monitor ? watch(answers, x, planned, next) : treatment.serve(x, planned, next);
  };
}

/** One request under one cache policy. */
interface Cached {
  x: Exchange;
  key: CacheKey;
  /** Milliseconds. */
  ttl: number;
}

class Treatment {
  readonly #answers: AnswerCache;
  readonly #flights = new Flights<Shared>();

  constructor(answers: AnswerCache) {
    this.#answers = answers;
  }

  async serve(x: Exchange, planned: PlannedCache, next: Next): Promise<Answer> {
    const { record, req } = x.request;
    const wish = cacheControl(req.headers['cache-control']);
    record.cache = wish === undefined ? 'miss' : 'bypass';
    if (wish === 'no-store') return await next();
    const { ttl } = planned.rules;
    const key = keyOf(x, planned);
    if (wish === undefined) {
      const known = this.#answers.get(key, performance.now(), ttl);
      if (known) return again(x, known);
      const flight = this.#flights.find(key, x.plan.settings.timeouts.total);
      // A follower whose leader failed asks by itself: one after the other would take too long.
      if (flight) return (await flight.shared)?.(x.request) ?? (await next());
    }
    return await this.#lead({ x, key, ttl }, next);
  }

  async #lead(cached: Cached, next: Next): Promise<Answer> {
    const { key, x } = cached;
    const { promise, resolve } = Promise.withResolvers<Shared | undefined>();
    const flight = { request: key.request, total: x.plan.settings.timeouts.total, shared: promise };
    this.#flights.begin(key, flight);
    const over = (): void => this.#flights.end(key, flight);
    let shared: Shared | undefined;
    let streams = false;
    try {
      const answer = await next();
      const { body } = answer;
      // An answer of the other kind than was asked for is its caller's alone.
      if (answer.status !== 200 || Buffer.isBuffer(body) === x.parsed.stream) return answer;
      if (!Buffer.isBuffer(body)) {
        streams = true;
        const [mine, theirs] = this.#record(cached, { ...answer, body }, over);
        shared = theirs;
        return mine;
      }
      if (isStorable(body)) shared = this.#keep(cached, answer.contentType, body);
      return answer;
    } finally {
      if (!streams) over();
      resolve(shared);
    }
  }

  /** A whole answer. */
  #keep({ x, key, ttl }: Cached, contentType: string, body: Buffer): Shared {
    const kept = keptAnswer(x, contentType, body);
    this.#answers.keep(key, kept, performance.now(), ttl);
    return (follower) => {
      noteHit(follower, kept);
      return { status: 200, contentType, body };
    };
  }

  /** A stream: for its caller, for those who join while it runs, and for later. */
  #record(
    { x, key, ttl }: Cached,
    { status, contentType, body }: Answer & { body: ByteStream },
    over: () => void,
  ): [Answer, Shared] {
    const leader = x.request;
    const recording = new Recording(body, this.#answers.space, {
      complete: (bytes) => {
        // A provider may end its stream well and have reported an error in it.
        if (leader.record.outcome === 'failed') return;
        this.#answers.keep(key, keptAnswer(x, contentType, bytes), performance.now(), ttl);
      },
      over,
    });
    const mine = recording.reader()!;
    // When its caller leaves, the provider goes on for the others.
    leader.underWay = mine;
    const theirs: Shared = (follower) => {
      const stream = recording.reader(() => inherit(leader, follower));
      if (!stream) return undefined;
      noteHit(follower);
      follower.underWay = stream;
      return { status, contentType, body: stream };
    };
    return [{ status, contentType, body: mine }, theirs];
  }
}

/** How the stream ended is how it ended for everybody; what it cost is for one who stayed when its caller has left. */
function inherit(leader: CallerRequest, follower: CallerRequest): void {
  const { outcome, usage, attempts } = leader.record;
  if (outcome === 'failed') follower.record.outcome = 'failed';
  const heir = leader.ended && usage !== undefined;
  if (!heir) return;
  delete leader.record.usage;
  follower.record.cache = 'miss';
  follower.record.usage = usage;
  follower.record.attempts.push(...attempts.slice(-1));
}

function again({ request, parsed }: Exchange, kept: KeptAnswer): Answer {
  noteHit(request, kept);
  const { contentType, body } = kept;
  return { status: 200, contentType, body: parsed.stream ? replayed(body) : body };
}

function noteHit({ record }: CallerRequest, kept?: KeptAnswer): void {
  record.cache = 'hit';
  if (kept?.usage) record.saved = kept.usage;
}

function keptAnswer({ request }: Exchange, contentType: string, body: Buffer): KeptAnswer {
  const { usage } = request.record;
  return { contentType, body, ...(usage && { usage }) };
}

const NOTHING: KeptAnswer = { contentType: '', body: Buffer.alloc(0) };

/** Records what would have been answered again, and changes nothing: only requests are kept, no answers. */
function watch(answers: AnswerCache, x: Exchange, planned: PlannedCache, next: Next): Promise<Answer> {
  const { request } = x;
  if (cacheControl(request.req.headers['cache-control']) !== undefined) return next();
  const { ttl, policy } = planned.rules;
  const key = keyOf(x, planned);
  if (answers.get(key, performance.now(), ttl)) request.record.wouldHave.push(`cache ${policy}`);
  else {
    request.onFinish(({ status, outcome }) => {
      if (status === 200 && outcome === 'complete') answers.keep(key, NOTHING, performance.now(), ttl);
    });
  }
  return next();
}
