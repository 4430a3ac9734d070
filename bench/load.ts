import { connect, type Socket } from 'node:net';
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

export interface Load {
  port: number;
  /** Whole HTTP requests, sent in turn. */
  requests: readonly Buffer[];
  /** What every answer must have. */
  status: number;
  connections: number;
}

export interface LoadResult {
  /** Answered as expected. */
  requests: number;
  /** Other statuses and broken connections. */
  errors: number;
  seconds: number;
  /** Microseconds from the first byte sent to the last byte received. */
  latency: RecordableHistogram;
}

/** The pause before a connection that broke is made anew: a server that refuses must not be asked in a tight loop. */
const RECONNECT = 10;

/** One caller after the other on each connection: the next request is sent when the answer is complete. */
export class LoadRun {
  readonly #load: Load;
  readonly #latency = createHistogram({ lowest: 1, highest: 60_000_000, figures: 3 });
  readonly #connections = new Set<Connection>();
  #requests = 0;
  #errors = 0;
  #turn = 0;
  #stopped = false;

  constructor(load: Load) {
    this.#load = load;
    for (let i = 0; i < load.connections; i++) this.#connect();
  }

  /** What happens in the next so many milliseconds. */
  async measure(duration: number): Promise<LoadResult> {
    this.#requests = 0;
    this.#errors = 0;
    this.#latency.reset();
    const began = performance.now();
    await delay(duration);
    const seconds = (performance.now() - began) / 1_000;
    return { requests: this.#requests, errors: this.#errors, seconds, latency: this.#latency };
  }

  stop(): void {
    this.#stopped = true;
    for (const connection of this.#connections) connection.close();
  }

  next(): Buffer {
    const { requests } = this.#load;
    this.#turn = (this.#turn + 1) % requests.length;
    return requests[this.#turn]!;
  }

  answered(status: number, microseconds: number): void {
    if (status !== this.#load.status) {
      this.#errors++;
      return;
    }
    this.#requests++;
    this.#latency.record(Math.max(1, Math.round(microseconds)));
  }

  #connect(): void {
    const connection = new Connection(this, this.#load.port, () => {
      this.#connections.delete(connection);
      if (this.#stopped) return;
      this.#errors++;
      setTimeout(() => !this.#stopped && this.#connect(), RECONNECT);
    });
    this.#connections.add(connection);
  }
}

const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)/i;
const LAST_CHUNK = Buffer.from('0\r\n\r\n');
const READ_BUFFER = Buffer.allocUnsafe(256 * 1_024);

/** Reads no more of an answer than status and end, and allocates nothing per read. */
class Connection {
  readonly #run: LoadRun;
  readonly #socket: Socket;
  #sentAt = 0;
  #head = '';
  #inBody = false;
  #status = 0;
  /** Bytes of the body still to come; NaN when it is chunked. */
  #missing = 0;

  constructor(run: LoadRun, port: number, onClose: () => void) {
    this.#run = run;
    const callback = (length: number, buffer: Uint8Array) => this.#read(buffer as Buffer, length);
    this.#socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: { buffer: READ_BUFFER, callback },
    });
    this.#socket.on('connect', () => this.#send());
    this.#socket.on('error', () => this.#socket.destroy());
    this.#socket.on('close', onClose);
  }

  close(): void {
    this.#socket.destroy();
  }

  #send(): void {
    this.#sentAt = performance.now();
    this.#socket.write(this.#run.next());
  }

  #read(buffer: Buffer, length: number): boolean {
    let from = 0;
    if (!this.#inBody) {
      from = this.#readHead(buffer, length);
      if (!this.#inBody) return true;
    }
    this.#missing -= length - from;
    const chunkedEnd = Number.isNaN(this.#missing) && endsWithLastChunk(buffer, length);
    if (this.#missing <= 0 || chunkedEnd) this.#complete();
    return true;
  }

  /** Returns where the body begins. */
  #readHead(buffer: Buffer, length: number): number {
    const end = buffer.subarray(0, length).indexOf('\r\n\r\n');
    this.#head += buffer.toString('latin1', 0, end < 0 ? length : end);
    if (end < 0) return length;
    this.#status = Number(this.#head.slice(9, 12));
    this.#missing = Number(CONTENT_LENGTH.exec(this.#head)?.[1] ?? NaN);
    this.#head = '';
    this.#inBody = true;
    return end + 4;
  }

  #complete(): void {
    this.#inBody = false;
    this.#run.answered(this.#status, (performance.now() - this.#sentAt) * 1_000);
    this.#send();
  }
}

/** No event of the bench ends like this, so that the end of a read is enough to see the end of an answer. */
function endsWithLastChunk(buffer: Buffer, length: number): boolean {
  return buffer.subarray(Math.max(0, length - LAST_CHUNK.length), length).equals(LAST_CHUNK);
}
