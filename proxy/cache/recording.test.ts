import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayError } from '../../core/errors.ts';
import type { ByteSink, ByteStream } from '../upstream/byte-stream.ts';
import { RecordingSpace } from './recording-space.ts';
import { Recording } from './recording.ts';

/** A stream that is pushed by hand, and writes down what is asked of it. */
class Source implements ByteStream {
  readonly calls: string[] = [];
  sink: ByteSink | undefined;

  pipe(sink: ByteSink): void {
    this.sink = sink;
  }
  pause(): void {
    this.calls.push('pause');
  }
  resume(): void {
    this.calls.push('resume');
  }
  cancel(): void {
    this.calls.push('cancel');
  }
  write(text: string): void {
    this.sink!.write(Buffer.from(text));
  }
}

/** Everything that a reader got. */
function listen(stream: ByteStream | undefined): string[] {
  const got: string[] = [];
  stream!.pipe({
    write: (chunk) => got.push(chunk.toString()),
    end: () => got.push('END'),
    fail: ({ code }) => got.push(code),
  });
  return got;
}

function record(largest = 100, bytes = 1_000) {
  const source = new Source();
  const space = new RecordingSpace(bytes, largest);
  const events: string[] = [];
  const recording = new Recording(source, space, {
    complete: (body) => events.push(body.toString()),
    over: () => events.push('over'),
  });
  return { source, space, events, recording };
}

test('everybody gets everything, whenever they came', () => {
  const { source, events, recording } = record();
  const first = listen(recording.reader());
  source.write('a');
  const second = listen(recording.reader());
  source.write('b');
  source.sink!.end();
  assert.deepEqual(
    [first, second],
    [
      ['a', 'b', 'END'],
      ['a', 'b', 'END'],
    ],
  );
  assert.deepEqual(events, ['ab', 'over']);
  assert.equal(recording.reader(), undefined);
});

test('a reader that stops gets the rest, and the end, when it goes on', () => {
  const { source, recording } = record();
  const slow = recording.reader()!;
  const got = listen(slow);
  slow.pause();
  source.write('a');
  source.sink!.end();
  assert.deepEqual(got, []);
  slow.resume();
  assert.deepEqual(got, ['a', 'END']);
  assert.deepEqual(source.calls, [], 'the source was never held up');
});

test('what is too large is not kept, takes no more readers, and runs as fast as the slowest reads', () => {
  const { source, space, events, recording } = record(3);
  const [fast, slow] = [recording.reader()!, recording.reader()!];
  const [gotFast, gotSlow] = [listen(fast), listen(slow)];
  slow.pause();
  source.write('ab');
  assert.deepEqual(source.calls, []);
  source.write('cd');
  assert.deepEqual(source.calls, ['pause']);
  assert.equal(recording.reader(), undefined);
  slow.resume();
  assert.deepEqual(source.calls, ['pause', 'resume']);
  source.sink!.end();
  assert.deepEqual(
    [gotFast, gotSlow],
    [
      ['ab', 'cd', 'END'],
      ['ab', 'cd', 'END'],
    ],
  );
  assert.deepEqual(events, ['over']);
  assert.ok(space.take(1_000), 'all room is given back');
});

test('without room for it nothing is kept', () => {
  const { source, events, recording } = record(100, 1);
  listen(recording.reader());
  source.write('ab');
  source.sink!.end();
  assert.deepEqual(events, ['over']);
});

test('a failure is told to all, and nothing is kept', () => {
  const { source, events, space, recording } = record();
  const got = [listen(recording.reader()), listen(recording.reader())];
  source.write('a');
  source.sink!.fail(new GatewayError('upstream_error', 'broken'));
  assert.deepEqual(got, [
    ['a', 'upstream_error'],
    ['a', 'upstream_error'],
  ]);
  assert.deepEqual(events, ['over']);
  assert.ok(space.take(1_000));
});

test('the last one that leaves ends it, and only the last', () => {
  const { source, events, recording } = record();
  const [one, other] = [recording.reader()!, recording.reader()!];
  listen(one);
  const got = listen(other);
  one.cancel();
  one.cancel();
  source.write('a');
  assert.deepEqual([source.calls, got], [[], ['a']]);
  other.cancel();
  assert.deepEqual([source.calls, events], [['cancel'], ['over']]);
  assert.equal(recording.reader(), undefined);
});

test('who leaves lets the others go on', () => {
  const { source, recording } = record(1);
  const [fast, slow] = [recording.reader()!, recording.reader()!];
  listen(fast);
  listen(slow);
  slow.pause();
  source.write('ab');
  slow.cancel();
  assert.deepEqual(source.calls, ['pause', 'resume']);
});
