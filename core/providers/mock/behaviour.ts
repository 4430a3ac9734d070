const SECOND = 1_000;
const LONGEST_DELAY = 600 * SECOND;

/** What a model of this provider does. Times are milliseconds. */
export interface Behaviour {
  speaks: 'echo' | 'lorem' | 'tools' | 'nothing';
  /** Answers on the embeddings endpoint. */
  embeds: boolean;
  /** Refuses every request with this HTTP status. */
  status?: number;
  /** Of a hundred different requests, so many are refused. */
  failPercent?: number;
  /** Silence before the answer begins. */
  wait?: number;
  /** Silence before each further piece of a text. */
  pace?: number;
  /** The connection dies in the middle of the answer. */
  breaksOff?: true;
}

/** A model, or a family of them, as documentation lists it. */
export interface MockModel {
  name: string;
  does: string;
}

interface Family extends MockModel {
  pattern: RegExp;
  behave(argument: string, unit: string): Behaviour | undefined;
}

/** Says what it was told, and embeds: for models whose point is something else. */
const PLAIN = { speaks: 'echo', embeds: true } as const;

const FAMILIES: readonly Family[] = [
  {
    name: 'echo',
    does: 'repeats the last user message',
    pattern: /^echo$/,
    behave: () => ({ speaks: 'echo', embeds: false }),
  },
  {
    name: 'lorem',
    does: 'answers with a long text, in some fifty pieces when streamed',
    pattern: /^lorem$/,
    behave: () => ({ speaks: 'lorem', embeds: false }),
  },
  {
    name: 'tools',
    does: 'calls the tools it is offered, then answers with what they returned',
    pattern: /^tools$/,
    behave: () => ({ speaks: 'tools', embeds: false }),
  },
  {
    name: 'embed',
    does: 'embeds: texts that share words are close to each other',
    pattern: /^embed$/,
    behave: () => ({ speaks: 'nothing', embeds: true }),
  },
  {
    name: 'error-<status>',
    does: 'refuses every request with this status, 400 to 599',
    pattern: /^error-([45]\d\d)$/,
    behave: (status) => ({ ...PLAIN, status: Number(status) }),
  },
  {
    name: 'flaky-<percent>',
    does: 'refuses so many of a hundred different requests with 503, and echoes the rest',
    pattern: /^flaky-(\d{1,3})$/,
    behave: (percent) => (Number(percent) > 100 ? undefined : { ...PLAIN, failPercent: Number(percent) }),
  },
  {
    name: 'slow',
    does: 'echoes after five seconds',
    pattern: /^slow$/,
    behave: () => ({ ...PLAIN, wait: 5 * SECOND }),
  },
  {
    name: 'delay-<n>ms, delay-<n>s',
    does: 'echoes after so long, ten minutes at most',
    pattern: /^delay-(\d{1,6})(ms|s)$/,
    behave: (n, unit) => ({
      ...PLAIN,
      wait: Math.min(Number(n) * (unit === 's' ? SECOND : 1), LONGEST_DELAY),
    }),
  },
  {
    name: 'slow-stream',
    does: 'answers with a long text, a word every 100 ms',
    pattern: /^slow-stream$/,
    behave: () => ({ speaks: 'lorem', embeds: false, pace: 100 }),
  },
  {
    name: 'broken-stream',
    does: 'breaks off in the middle of its answer',
    pattern: /^broken-stream$/,
    behave: () => ({ speaks: 'lorem', embeds: false, breaksOff: true }),
  },
];

/** Every model that answers, for documentation and listings. */
export const MOCK_MODELS: readonly MockModel[] = FAMILIES.map(({ name, does }) => ({ name, does }));

/** By the last segment of the model's name: `team/echo` is `echo`. Undefined when there is no such model. */
export function behaviourOf(model: string): Behaviour | undefined {
  const name = model.slice(model.lastIndexOf('/') + 1);
  for (const family of FAMILIES) {
    const match = family.pattern.exec(name);
    if (match) return family.behave(match[1] ?? '', match[2] ?? '');
  }
  return undefined;
}
