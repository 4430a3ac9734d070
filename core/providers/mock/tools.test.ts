import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mock } from './index.ts';

const weather = {
  type: 'function',
  function: {
    name: 'get_weather',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' }, unit: { type: 'string', enum: ['celsius', 'fahrenheit'] } },
      required: ['city'],
    },
  },
};
const time = { type: 'function', function: { name: 'get_time' } };
const question = { role: 'user', content: 'What is it like in Paris?' };

interface Call {
  index?: number;
  id?: string;
  function: { name?: string; arguments: string };
}
interface Choice {
  message: { content: string | null; tool_calls?: Call[] };
  delta: { content?: string | null; tool_calls?: Call[] };
  finish_reason: string | null;
}

function ask(fields: object): string {
  const body = Buffer.from(JSON.stringify({ model: 'tools', messages: [question], ...fields }));
  const { steps } = mock.respond!({ endpoint: 'chat/completions', model: 'tools', body });
  return steps.map((step) => ('write' in step ? step.write : '')).join('');
}

const choice = (fields: object): Choice => (JSON.parse(ask(fields)) as { choices: [Choice] }).choices[0];
const called = (fields: object): (string | undefined)[] =>
  (choice(fields).message.tool_calls ?? []).map((call) => call.function.name);

function streamed(fields: object): Choice[] {
  return ask({ ...fields, stream: true })
    .split('\n\n')
    .filter((event) => event.startsWith('data: {'))
    .flatMap((event) => (JSON.parse(event.slice(6)) as { choices: Choice[] }).choices);
}

test('the first tool is called with arguments that its schema accepts', () => {
  const { message, finish_reason } = choice({ tools: [weather, time] });
  assert.equal(finish_reason, 'tool_calls');
  assert.equal(message.content, null);
  assert.deepEqual(JSON.parse(message.tool_calls![0]!.function.arguments), {
    city: 'Paris',
    unit: 'celsius',
  });
});

test('tool_choice is honoured', () => {
  const tools = [weather, time];
  const named = { type: 'function', function: { name: 'get_time' } };
  assert.deepEqual(called({ tools, tool_choice: named }), ['get_time']);
  assert.deepEqual(called({ tools, tool_choice: 'required' }), ['get_weather']);
  assert.deepEqual(called({ tools, tool_choice: 'none' }), []);
  const allowed = { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [named] } };
  assert.deepEqual(called({ tools, tool_choice: allowed }), ['get_time']);
  assert.deepEqual(called({}), []);
});

test('several are called when that is asked for', () => {
  assert.deepEqual(called({ tools: [weather, time], parallel_tool_calls: true }), [
    'get_weather',
    'get_time',
  ]);
});

test('what a tool returned is answered in text', () => {
  const messages = [
    question,
    { role: 'assistant', content: null, tool_calls: [] },
    { role: 'tool', tool_call_id: 'call_1', content: '21 °C' },
  ];
  const { message, finish_reason } = choice({ tools: [weather], messages });
  assert.deepEqual([message.content, finish_reason], ['The tool returned: 21 °C', 'stop']);
});

test('streamed calls have id and name once, and the arguments in fragments', () => {
  for (const parallel_tool_calls of [false, true]) {
    const fields = { tools: [weather, time], parallel_tool_calls };
    const whole = choice(fields).message.tool_calls!;
    const deltas = streamed(fields);
    const fragments = deltas.flatMap(({ delta }) => delta.tool_calls ?? []);
    whole.forEach((call, index) => {
      const own = fragments.filter((fragment) => fragment.index === index);
      assert.equal(own[0]!.id, call.id);
      assert.equal(own[0]!.function.name, call.function.name);
      assert.equal(own.map((fragment) => fragment.function.arguments).join(''), call.function.arguments);
      assert.ok(own.slice(1).every(({ id }) => id === undefined));
    });
    assert.equal(deltas.at(-1)!.finish_reason, 'tool_calls');
  }
});
