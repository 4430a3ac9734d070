import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import OpenAI from 'openai';
import { CALLER_KEY, testConfig } from '../gateway/config.ts';
import { startGateway, type TestGateway } from '../gateway/start.ts';
import { cutAfter, faulty, heldAfter } from '../upstream/faults.ts';
import { fail, json, like } from '../upstream/script.ts';
import { startUpstream, type Upstream } from '../upstream/upstream.ts';

const messages = [{ role: 'user' as const, content: 'Say hello, please' }];
const tools: OpenAI.ChatCompletionTool[] = [
  {
    type: 'function',
    function: {
      name: 'get_weather',
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
  },
];

let up: Upstream;
let gateway: TestGateway;

/** The official package, unmodified. It does not try again unless the test is about that. */
function client(baseURL: string, options: ConstructorParameters<typeof OpenAI>[0] = {}): OpenAI {
  return new OpenAI({ baseURL, apiKey: CALLER_KEY, maxRetries: 0, ...options });
}

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

before(async () => {
  up = await startUpstream();
});
after(() => up.stop());

beforeEach(async () => {
  up.reply(like());
  up.requests.length = 0;
  gateway = await startGateway(testConfig({ upstream: up.url, alias: 'team/chat' }));
});
afterEach(() => gateway.stop());

/** What an SDK sees of the upstream itself must be what it sees through the gateway. */
for (const through of ['the upstream alone', 'the gateway'] as const) {
  const openai = (): OpenAI => client(through === 'the gateway' ? gateway.url : up.url);
  const model = 'team/chat';

  describe(`answers of ${through}`, () => {
    test('chat', async () => {
      const completion = await openai().chat.completions.create({ model, messages });
      assert.equal(completion.object, 'chat.completion');
      assert.equal(completion.choices[0]!.message.content, 'Say hello, please');
      assert.equal(completion.choices[0]!.finish_reason, 'stop');
      assert.equal(completion.usage!.total_tokens, 10);
    });

    test('chat as a stream, without usage', async () => {
      const chunks = await collect(await openai().chat.completions.create({ model, messages, stream: true }));
      const text = chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('');
      assert.equal(text, 'Say hello, please');
      assert.equal(chunks.at(-1)!.choices[0]!.finish_reason, 'stop');
      assert.ok(chunks.every(({ usage, choices }) => !usage && choices.length === 1));
    });

    test('chat as a stream, with usage', async () => {
      const stream = await openai().chat.completions.create({
        model,
        messages,
        stream: true,
        stream_options: { include_usage: true },
      });
      const last = (await collect(stream)).at(-1)!;
      assert.deepEqual([last.choices, last.usage!.total_tokens], [[], 10]);
    });

    test('tool calls', async () => {
      const completion = await openai().chat.completions.create({ model, messages, tools });
      const [call] = completion.choices[0]!.message.tool_calls!;
      assert.ok(call?.type === 'function');
      assert.equal(call.function.name, 'get_weather');
      assert.deepEqual(JSON.parse(call.function.arguments), { city: 'Paris' });
    });

    test('tool calls as a stream, put together by the SDK', async () => {
      const runner = openai().chat.completions.stream({ model, messages, tools });
      const { message, finish_reason } = (await runner.finalChatCompletion()).choices[0]!;
      assert.equal(finish_reason, 'tool_calls');
      const [call] = message.tool_calls!;
      assert.ok(call?.type === 'function');
      assert.deepEqual(JSON.parse(call.function.arguments), { city: 'Paris' });
    });

    test('a conversation with tools, run by the SDK', async () => {
      const runner = openai().chat.completions.runTools({
        model,
        messages,
        tools: [
          {
            type: 'function',
            function: {
              name: 'get_weather',
              description: 'Weather of a city',
              parameters: { type: 'object', properties: { city: { type: 'string' } } },
              parse: (text: string) => JSON.parse(text) as { city: string },
              function: ({ city }: { city: string }) => `21 °C in ${city}`,
            },
          },
        ],
      });
      assert.equal(await runner.finalContent(), 'The tool returned: 21 °C in Paris');
    });

    test('legacy completions', async () => {
      const completion = await openai().completions.create({ model, prompt: 'once upon' });
      assert.equal(completion.choices[0]!.text, 'once upon');
      const chunks = await collect(
        await openai().completions.create({ model, prompt: 'once upon', stream: true }),
      );
      assert.equal(chunks.map(({ choices }) => choices[0]!.text).join(''), 'once upon');
    });

    test('embeddings: the SDK asks for base64 unless told otherwise', async () => {
      const byDefault = await openai().embeddings.create({ model, input: 'hello world' });
      const floats = await openai().embeddings.create({
        model,
        input: 'hello world',
        encoding_format: 'float',
      });
      assert.deepEqual(
        up.requests.map((request) => request.json()['encoding_format']),
        ['base64', 'float'],
      );
      assert.equal(byDefault.data[0]!.embedding.length, 256);
      assert.deepEqual([...byDefault.data[0]!.embedding], floats.data[0]!.embedding);
    });
  });
}

describe('models', () => {
  test('are listed and found by name, also with a slash', async () => {
    const openai = client(gateway.url);
    const models = await collect(openai.models.list());
    assert.deepEqual(
      models.map(({ id, object, owned_by }) => [id, object, owned_by]),
      [['team/chat', 'model', 'team']],
    );
    assert.equal((await openai.models.retrieve('team/chat')).created, Date.UTC(2025, 0, 1) / 1_000);
    await assert.rejects(openai.models.retrieve('nothing'), OpenAI.NotFoundError);
  });
});

describe('errors are the SDK’s own classes', () => {
  const chat = (options?: ConstructorParameters<typeof OpenAI>[0], model = 'team/chat') =>
    client(gateway.url, options).chat.completions.create({ model, messages });

  /** Class, status and code, and a request id on each. */
  async function rejects(
    request: Promise<unknown>,
    kind: new (...args: never[]) => Error,
    status: number,
    code: string | null,
  ): Promise<InstanceType<typeof OpenAI.APIError>> {
    const error = await request.then(
      () => assert.fail('there was an answer'),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof OpenAI.APIError && error instanceof kind, String(error));
    assert.deepEqual([error.status, error.code], [status, code]);
    assert.match(error.requestID!, /\S/);
    return error;
  }

  test('of the gateway', async () => {
    await rejects(chat({ apiKey: 'wrong' }), OpenAI.AuthenticationError, 401, 'invalid_api_key');
    await rejects(chat({}, 'secret'), OpenAI.PermissionDeniedError, 403, 'permission_denied');
    await rejects(chat({}, 'nothing'), OpenAI.NotFoundError, 404, 'model_not_found');
    const noModel = client(gateway.url).post('/chat/completions', { body: { messages } });
    const error = await rejects(noModel, OpenAI.BadRequestError, 400, 'invalid_parameter');
    assert.equal(error.param, 'model');
    assert.equal(up.requests.length, 0);
  });

  test('of the provider, about the request: passed on as they are', async () => {
    const body = {
      error: {
        message: 'Too long.',
        type: 'invalid_request_error',
        param: 'messages',
        code: 'context_length_exceeded',
      },
    };
    up.reply(json(400, body));
    const error = await rejects(chat(), OpenAI.BadRequestError, 400, 'context_length_exceeded');
    assert.deepEqual([error.param, error.message], ['messages', '400 Too long.']);
    up.reply(json(422, body));
    await rejects(chat(), OpenAI.UnprocessableEntityError, 422, 'context_length_exceeded');
  });

  test('of the provider, about anything else: in words of the gateway', async () => {
    const cases = [
      [401, OpenAI.InternalServerError, 502, 'upstream_credential_rejected'],
      [404, OpenAI.InternalServerError, 502, 'upstream_model_not_found'],
      [429, OpenAI.RateLimitError, 429, 'upstream_rate_limited'],
      [500, OpenAI.InternalServerError, 502, 'upstream_error'],
      [503, OpenAI.InternalServerError, 502, 'upstream_error'],
    ] as const;
    for (const [answered, kind, status, code] of cases) {
      up.reply(fail(answered));
      await rejects(chat(), kind, status, code);
    }
  });

  test('of a stream that breaks: never a clean end', async () => {
    up.reply(faulty(like('lorem'), cutAfter(2_000)));
    const stream = await client(gateway.url).chat.completions.create({
      model: 'team/chat',
      messages,
      stream: true,
    });
    await assert.rejects(collect(stream), (error: unknown) => {
      assert.ok(error instanceof OpenAI.APIError);
      assert.equal(error.code, 'upstream_error');
      return true;
    });
  });
});

test('every answer has the request id where the SDK looks for it', async () => {
  const openai = client(gateway.url);
  const completion = await openai.chat.completions.create({ model: 'team/chat', messages });
  assert.match(completion._request_id!, /\S/);
  const { response, request_id } = await openai.chat.completions
    .create({ model: 'team/chat', messages, stream: true })
    .withResponse();
  assert.match(request_id!, /\S/);
  assert.equal(response.headers.get('x-modelgate-alias'), 'team/chat');
  await response.body!.cancel();
});

describe('the SDK’s own retries', () => {
  /** The SDK's requests: how often it had tried before, as it tells. */
  function recording(): { fetch: typeof fetch; retries: string[]; answers: Headers[] } {
    const retries: string[] = [];
    const answers: Headers[] = [];
    return {
      retries,
      answers,
      fetch: async (url, init) => {
        retries.push(new Headers(init?.headers).get('x-stainless-retry-count')!);
        const response = await fetch(url, init);
        answers.push(response.headers);
        return response;
      },
    };
  }

  const unlimited = () => testConfig({ upstream: up.url, alias: 'team/chat' });

  /** Lets the SDK try once against what is, then puts the ordinary configuration in place. */
  function mended(recorder: ReturnType<typeof recording>): OpenAI {
    return client(gateway.url, {
      maxRetries: 2,
      fetch: async (url, init) => {
        const response = await recorder.fetch(url, init);
        await gateway.use(unlimited());
        return response;
      },
    });
  }

  test('a 429 of ours says how long to wait, and the SDK comes back', async () => {
    const limit = { name: 'rps', counts: 'Requests', max: 0, per: 'Second', scope: 'Caller' } as const;
    const policy = { namespace: 'team', name: 'limits', mode: 'Enforce', limits: [limit] } as const;
    const config = testConfig({
      upstream: up.url,
      alias: 'team/chat',
      change: (content) => ({
        ...content,
        policies: { 'team/limits': policy },
        namespaces: { team: { visible: 'all', policies: ['team/limits'] } },
      }),
    });
    await gateway.use(config);
    const recorder = recording();
    await mended(recorder).chat.completions.create({ model: 'team/chat', messages });
    assert.deepEqual(recorder.retries, ['0', '1']);
    const [refused] = recorder.answers;
    const ms = Number(refused!.get('retry-after-ms'));
    assert.ok(ms > 0 && ms <= 1_000, `${ms}`);
    assert.equal(refused!.get('retry-after'), '1');
    assert.equal(up.requests.length, 1, 'what was refused never reached the upstream');
  });

  test('a provider that asks for patience is given it, in milliseconds', async () => {
    up.replyOnce(fail(429, { 'retry-after-ms': '5', 'retry-after': '1' }));
    const { fetch: recorded, retries, answers } = recording();
    const openai = client(gateway.url, { maxRetries: 2, fetch: recorded });
    const completion = await openai.chat.completions.create({ model: 'team/chat', messages });
    assert.equal(completion.choices[0]!.message.content, 'Say hello, please');
    assert.deepEqual(retries, ['0', '1']);
    assert.equal(answers[0]!.get('retry-after-ms'), '5');
  });

  test('a 503 of ours is tried again', async () => {
    const config = testConfig({
      upstream: up.url,
      alias: 'team/chat',
      targets: [{ credential: 'team/up', model: 'gpt-5-mini', weight: 0, priority: 0 }],
    });
    await gateway.use(config);
    const recorder = recording();
    const completion = await mended(recorder).chat.completions.create({ model: 'team/chat', messages });
    assert.equal(recorder.answers[0]!.has('retry-after-ms'), true);
    assert.equal(completion.model, 'gpt-5-mini');
    assert.deepEqual(recorder.retries, ['0', '1']);
  });

  test('what cannot get better is not tried again', async () => {
    up.reply(fail(401));
    const { fetch: recorded, retries } = recording();
    const openai = client(gateway.url, { maxRetries: 2, fetch: recorded });
    await assert.rejects(openai.chat.completions.create({ model: 'team/chat', messages }), { status: 502 });
    assert.deepEqual(retries, ['0']);
  });
});

test('a caller that leaves a stream closes it at the provider', async () => {
  const { promise: never } = Promise.withResolvers<void>();
  up.reply(faulty(like('lorem'), heldAfter(5, never)));
  const stream = await client(gateway.url).chat.completions.create({
    model: 'team/chat',
    messages,
    stream: true,
  });
  for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
  assert.equal(await up.closed(), 'broken');
});

test('a caller that leaves before the first byte closes the request at the provider', async () => {
  const { promise: never } = Promise.withResolvers<void>();
  up.reply(faulty(like('echo'), heldAfter(0, never)));
  const controller = new AbortController();
  const answer = client(gateway.url).chat.completions.create(
    { model: 'team/chat', messages },
    { signal: controller.signal },
  );
  await up.request();
  controller.abort();
  await assert.rejects(answer, OpenAI.APIUserAbortError);
  assert.equal(await up.closed(), 'broken');
});
