import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Endpoint, InProcessAnswer, Step } from '../provider.ts';
import { MOCK_MODELS, mock } from './index.ts';

const messages = [{ role: 'user', content: 'Say hello, please' }];

function ask(model: string, fields: object = {}, endpoint: Endpoint = 'chat/completions'): InProcessAnswer {
  const given = endpoint === 'chat/completions' ? { messages } : {};
  const body = Buffer.from(JSON.stringify({ model, ...given, ...fields }));
  return mock.respond!({ endpoint, model, body });
}

const textOf = (steps: readonly Step[]): string =>
  steps.map((step) => ('write' in step ? step.write : '')).join('');
const waitOf = (steps: readonly Step[]): number =>
  steps.reduce((sum, step) => sum + ('wait' in step ? step.wait : 0), 0);

interface Wire {
  [name: string]: unknown;
  choices: { index: number; [name: string]: unknown; message: Message; delta: Message }[];
  usage: Record<string, number>;
  data: { embedding: number[] }[];
  error: Record<string, unknown>;
}
interface Message {
  content?: string | null;
  tool_calls?: { index: number; id: string; function: { name: string; arguments: string } }[];
}

function json(answer: InProcessAnswer): Wire {
  return JSON.parse(textOf(answer.steps)) as Wire;
}

/** The objects of a stream; it must end with [DONE]. */
function events(answer: InProcessAnswer): Wire[] {
  assert.match(answer.headers['content-type']!, /^text\/event-stream/);
  const data = textOf(answer.steps)
    .split('\n\n')
    .filter(Boolean)
    .map((event) => event.replace(/^data: /, ''));
  assert.equal(data.pop(), '[DONE]');
  return data.map((text) => JSON.parse(text) as Wire);
}

const contentOf = (chunks: readonly Wire[], choice = 0): string =>
  chunks
    .flatMap(({ choices }) => choices.filter(({ index }) => index === choice))
    .map(({ delta }) => delta.content ?? '')
    .join('');

test('the same request has the same answer', () => {
  for (const model of ['echo', 'lorem', 'flaky-50', 'broken-stream', 'error-429']) {
    assert.deepEqual(ask(model, { stream: true }), ask(model, { stream: true }));
  }
});

test('echo repeats the last user message, parts too', () => {
  const answer = ask('team/echo', {
    messages: [
      { role: 'system', content: 'Be brief' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Hi' },
          { type: 'image_url', image_url: { url: 'x' } },
        ],
      },
    ],
  });
  const { choices, usage, object, model } = json(answer);
  assert.deepEqual([answer.status, object, model], [200, 'chat.completion', 'team/echo']);
  assert.equal(choices[0]!.message.content, 'Hi');
  assert.equal(choices[0]!['finish_reason'], 'stop');
  assert.equal(usage['total_tokens'], usage['prompt_tokens']! + usage['completion_tokens']!);
});

const words = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\n', '"', 'é', '😀', '\u2028') });

test('a stream says what the whole answer says, for every text and n', () => {
  fc.assert(
    fc.property(words, fc.integer({ min: 1, max: 3 }), (content, n) => {
      const fields = { messages: [{ role: 'user', content }], n };
      const whole = json(ask('echo', fields));
      const chunks = events(ask('echo', { ...fields, stream: true }));
      for (const { index, message } of whole.choices) assert.equal(contentOf(chunks, index), message.content);
    }),
  );
});

test('usage is a last chunk without choices, and only for those who ask', () => {
  const plain = events(ask('lorem', { stream: true }));
  assert.ok(plain.length > 50);
  assert.ok(plain.every((chunk) => !('usage' in chunk)));
  const asked = events(ask('lorem', { stream: true, stream_options: { include_usage: true } }));
  const last = asked.pop()!;
  assert.deepEqual(last.choices, []);
  assert.deepEqual(last.usage, json(ask('lorem')).usage);
  assert.ok(asked.every(({ usage }) => usage === null));
});

test('max_tokens cuts the text and says so', () => {
  for (const field of ['max_tokens', 'max_completion_tokens']) {
    const { choices, usage } = json(ask('lorem', { [field]: 3 }));
    assert.deepEqual([choices[0]!.message.content, choices[0]!['finish_reason']], ['Lorem ipsum ', 'length']);
    assert.equal(usage['completion_tokens'], 3);
  }
});

test('response_format makes the text JSON', () => {
  const object = json(ask('echo', { response_format: { type: 'json_object' } }));
  assert.deepEqual(JSON.parse(object.choices[0]!.message.content!), { text: 'Say hello, please' });
  const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
  const format = { type: 'json_schema', json_schema: { name: 'place', schema } };
  const structured = json(ask('lorem', { response_format: format }));
  assert.deepEqual(JSON.parse(structured.choices[0]!.message.content!), { city: 'Paris' });
});

test('legacy completions answer, stream and count', () => {
  const whole = json(ask('echo', { prompt: ['a b', 'c'] }, 'completions'));
  assert.deepEqual(
    [whole['object'], whole.choices.map(({ text }) => text)],
    ['text_completion', ['a b', 'c']],
  );
  const chunks = events(
    ask('echo', { prompt: 'a b', stream: true, stream_options: { include_usage: true } }, 'completions'),
  );
  assert.equal(chunks.flatMap(({ choices }) => choices.map(({ text }) => text)).join(''), 'a b');
  assert.equal(chunks.at(-1)!.usage['prompt_tokens'], 1);
});

test('errors have the status, type and code of OpenAI', () => {
  const cases = [
    ['error-400', 400, 'invalid_request_error', 'invalid_value'],
    ['error-401', 401, 'invalid_request_error', 'invalid_api_key'],
    ['error-403', 403, 'request_forbidden', 'unsupported_country_region_territory'],
    ['error-404', 404, 'invalid_request_error', 'model_not_found'],
    ['error-429', 429, 'requests', 'rate_limit_exceeded'],
    ['error-500', 500, 'server_error', null],
    ['error-529', 529, 'server_error', null],
    ['no-such-model', 404, 'invalid_request_error', 'model_not_found'],
  ] as const;
  for (const [model, status, type, code] of cases) {
    const answer = ask(model);
    const { error } = json(answer);
    assert.deepEqual([answer.status, error['type'], error['code']], [status, type, code], model);
  }
  assert.equal(ask('error-429').headers['retry-after'], '1');
});

test('what is wrong with a request is a 400 that names the field', () => {
  const cases = [
    [{ messages: undefined }, 'missing_required_parameter', 'messages'],
    [{ messages: [] }, 'invalid_value', 'messages'],
    [{ n: 0 }, 'invalid_value', 'n'],
    [{ stream: 'yes' }, 'invalid_value', 'stream'],
  ] as const;
  for (const [fields, code, param] of cases) {
    const answer = ask('echo', fields);
    const { error } = json(answer);
    assert.deepEqual([answer.status, error['code'], error['param']], [400, code, param]);
  }
  const body = Buffer.from('{"model":');
  assert.equal(mock.respond!({ endpoint: 'completions', model: 'echo', body }).status, 400);
  assert.equal(ask('embed').status, 400);
  assert.equal(ask('echo', { input: 'x' }, 'embeddings').status, 400);
});

test('delays come before the first byte, pace between the pieces', () => {
  assert.deepEqual(ask('slow').steps[0], { wait: 5_000 });
  assert.deepEqual(ask('delay-250ms').steps[0], { wait: 250 });
  assert.deepEqual(ask('delay-2s', { stream: true }).steps[0], { wait: 2_000 });
  const { steps } = ask('slow-stream', { stream: true });
  assert.ok('write' in steps[0]!);
  assert.deepEqual(steps[1], { wait: 100 });
  const chunksAfterRole = 2;
  assert.equal(waitOf(steps), waitOf(ask('slow-stream').steps) + chunksAfterRole * 100);
});

test('a broken stream breaks off behind half of its events', () => {
  const { steps } = ask('broken-stream', { stream: true });
  assert.deepEqual(steps.at(-1), { breakOff: true });
  const text = textOf(steps);
  assert.ok(text.endsWith('\n\n') && !text.includes('[DONE]'));
  assert.throws(() => json(ask('broken-stream')), SyntaxError);
});

test('flaky refuses about so many of a hundred different requests', () => {
  const statuses = Array.from({ length: 1_000 }, (_, i) => ask('flaky-30', { user: String(i) }).status);
  const failed = statuses.filter((status) => status === 503).length;
  assert.ok(failed > 250 && failed < 350, `${failed}`);
  assert.equal(ask('flaky-0').status, 200);
  assert.equal(ask('flaky-100').status, 503);
});

test('embeddings: unit vectors, the same in both encodings, for every kind of input', () => {
  for (const input of ['hello world', ['a', 'b'], [1, 2, 3], [[1], [2, 3]]]) {
    const floats = json(ask('embed', { input, dimensions: 8 }, 'embeddings'));
    const encoded = json(ask('embed', { input, dimensions: 8, encoding_format: 'base64' }, 'embeddings'));
    assert.ok(floats.usage['prompt_tokens']! > 0);
    floats.data.forEach(({ embedding }, i) => {
      const bytes = Buffer.from(String(encoded.data[i]!.embedding), 'base64');
      assert.deepEqual(
        embedding,
        embedding.map((_, j) => bytes.readFloatLE(j * 4)),
      );
      assert.ok(Math.abs(Math.hypot(...embedding) - 1) < 1e-6);
    });
  }
  assert.equal(json(ask('embed', { input: 'x' }, 'embeddings')).data[0]!.embedding.length, 256);
});

test('texts that share words are closer than those that do not', () => {
  const input = ['fix this bug please', 'please fix the bug', 'a poem about spring'];
  const [a, b, c] = json(ask('embed', { input }, 'embeddings')).data.map(({ embedding }) => embedding);
  const cosine = (x: number[], y: number[]): number => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  assert.ok(cosine(a!, b!) > 0.6);
  assert.ok(Math.abs(cosine(a!, c!)) < 0.3);
});

test('every listed model exists', () => {
  const example = (name: string): string =>
    name.split(', ')[0]!.replace('<status>', '500').replace('<percent>', '50').replace('<n>', '10');
  for (const { name } of MOCK_MODELS) assert.notEqual(ask(example(name), { input: 'x' }).status, 404, name);
});
