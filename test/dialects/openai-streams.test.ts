import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { EventFramer, eventData } from '../../core/sse/framer.ts';
import { openai } from '../../core/dialects/openai/index.ts';

const FIXTURES = join(import.meta.dirname, '../../core/dialects/openai/fixtures');

const fixture = (name: string): Buffer => readFileSync(join(FIXTURES, `${name}.sse`));

/** Single events, each with its blank line. */
const split = (events: Buffer): Buffer[] =>
  events
    .toString()
    .split(/(?<=\n\r?\n)/)
    .map((text) => Buffer.from(text));

/** Sends the bytes through framer and tap, cut at these places. */
function pass(bytes: Buffer, { hideUsage, cuts = [] }: { hideUsage: boolean; cuts?: readonly number[] }) {
  const framer = new EventFramer();
  const tap = openai.tapStream(hideUsage);
  const bounds = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
  const out = bounds.slice(1).flatMap((end, i) => {
    const events = framer.push(bytes.subarray(bounds[i], end));
    return events ? [tap.pass(events)] : [];
  });
  return { tap, out: Buffer.concat(out), rest: framer.rest.length };
}

const usage = { input: 9, output: 3, cachedInput: 0, reasoning: 0 };
const detailed = { input: 9, output: 3, cachedInput: 4, reasoning: 2 };

/** Name, what is read, and how many events a caller who did not ask for usage gets less. */
const CASES = [
  ['openai-usage-chunk', { usage: detailed, complete: true, failed: false }, 1],
  ['azure-prompt-filter', { usage, complete: true, failed: false }, 1],
  ['openrouter-comments', { usage, complete: true, failed: false }, 0],
  ['vllm-continuous-usage', { usage, complete: true, failed: false }, 1],
  ['deepseek-usage-with-finish', { usage: detailed, complete: true, failed: false }, 0],
  ['openai-error-inside', { usage: undefined, complete: false, failed: true }, 0],
] as const;

for (const [name, expected, hidden] of CASES) {
  const bytes = fixture(name);
  const variants = { LF: bytes, 'CR LF': Buffer.from(bytes.toString().replaceAll('\n', '\r\n')) };
  for (const [newline, variant] of Object.entries(variants)) {
    test(`${name}, ${newline}: read and passed on, however it is cut`, () => {
      const whole = pass(variant, { hideUsage: true });
      const { usage: read, complete, failed } = whole.tap;
      assert.deepEqual({ usage: read, complete, failed }, expected);
      assert.equal(split(variant).length - split(whole.out).length, hidden);
      assert.deepEqual(pass(variant, { hideUsage: false }).out, variant);
      const place = fc.integer({ min: 0, max: variant.length });
      fc.assert(
        fc.property(fc.array(place, { maxLength: 8 }), (cuts) => {
          const cut = pass(variant, { hideUsage: true, cuts });
          assert.deepEqual([cut.out, cut.tap.usage, cut.rest], [whole.out, whole.tap.usage, 0]);
        }),
      );
    });
  }
}

test('a hidden usage event takes nothing else with it', () => {
  const kept = split(pass(fixture('azure-prompt-filter'), { hideUsage: true }).out);
  const datas = kept.map((event) => eventData(event));
  assert.match(datas[0]!, /prompt_filter_results/);
  assert.equal(datas.at(-1), '[DONE]');
  assert.ok(!datas.some((data) => data!.includes('prompt_tokens')));
});

test('[DONE] as a further line of an event that holds something is not the end', () => {
  const events = 'data: {"choices":[]}\n\ndata: {"choices":[],\ndata: [DONE]\n\n';
  assert.equal(pass(Buffer.from(events), { hideUsage: true }).tap.complete, false);
});
