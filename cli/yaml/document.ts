import {
  constructFromEvents,
  CORE_SCHEMA,
  EVENT_ID,
  getScalarValue,
  mergeTag,
  parseEvents,
  YAMLException,
  type Event,
} from 'js-yaml';
import { LineIndex, type Position } from './line-index.ts';

export type { Position } from './line-index.ts';

export type Path = readonly (string | number)[];

/** One YAML (or JSON) document, with the places where its members stand. */
export interface YamlDocument {
  value: unknown;
  /** Where a member stands, or the nearest thing around it that does. */
  at: (path: Path) => Position;
}

export type Documents =
  | { ok: true; documents: YamlDocument[] }
  | { ok: false; message: string; position: Position };

/** YAML 1.2, and merge keys (`<<`), which kubectl knows too. */
const schema = CORE_SCHEMA.withTags(mergeTag);

/** All documents of a text. A mistake in the syntax says where it is. */
export function readDocuments(text: string): Documents {
  try {
    const events = parseEvents(text, {});
    const values = constructFromEvents(events, { source: text, schema });
    const spots = new SpotReader(text, events).documents();
    const lines = new LineIndex(text);
    const documents = values.map((value, i) => ({
      value,
      at: (path: Path) => lines.positionOf(offsetOf(spots[i], path)),
    }));
    return { ok: true, documents };
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const { line = 0, column = 0 } = error.mark ?? {};
    return {
      ok: false,
      message: withoutQuotes(error.reason),
      position: { line: line + 1, column: column + 1 },
    };
  }
}

/** What the parser quotes may be a part of a Secret's value. */
function withoutQuotes(reason: string): string {
  return reason.replace(/ (?:"[^"]*"|!<.*>)$/s, '');
}

/** A node of a document: its offset in the text, and what it contains. */
interface Spot {
  offset: number;
  members: ReadonlyMap<string | number, Spot>;
}

const EMPTY: Spot['members'] = new Map();

/** Rebuilds the tree of a document's nodes from the parser's flat list of events. */
class SpotReader {
  readonly #text: string;
  readonly #events: readonly Event[];
  #next = 0;

  constructor(text: string, events: readonly Event[]) {
    this.#text = text;
    this.#events = events;
  }

  documents(): (Spot | undefined)[] {
    const documents: (Spot | undefined)[] = [];
    while (this.#next < this.#events.length) {
      this.#next++;
      documents.push(this.#ends() ? undefined : this.#node());
      while (!this.#ends()) this.#node();
      this.#next++;
    }
    return documents;
  }

  #ends(): boolean {
    return this.#events[this.#next]?.type === EVENT_ID.POP || this.#next >= this.#events.length;
  }

  #node(): Spot {
    const event = this.#events[this.#next++]!;
    if (event.type === EVENT_ID.MAPPING) return { offset: event.start, members: this.#pairs() };
    if (event.type === EVENT_ID.SEQUENCE) return { offset: event.start, members: this.#items() };
    if (event.type === EVENT_ID.SCALAR) return { offset: event.valueStart, members: EMPTY };
    if (event.type === EVENT_ID.ALIAS) return { offset: event.anchorStart, members: EMPTY };
    throw new Error('a document inside a document');
  }

  /** A member stands where its key does. */
  #pairs(): Spot['members'] {
    const members = new Map<string, Spot>();
    while (!this.#ends()) {
      const event = this.#events[this.#next]!;
      const name = event.type === EVENT_ID.SCALAR ? getScalarValue(this.#text, event) : '';
      const key = this.#node();
      members.set(name, { offset: key.offset, members: this.#node().members });
    }
    this.#next++;
    return members;
  }

  #items(): Spot['members'] {
    const members = new Map<number, Spot>();
    while (!this.#ends()) members.set(members.size, this.#node());
    this.#next++;
    return members;
  }
}

function offsetOf(root: Spot | undefined, path: Path): number {
  let spot = root;
  for (const step of path) {
    const inner = spot?.members.get(step);
    if (inner === undefined) break;
    spot = inner;
  }
  return Math.max(0, spot?.offset ?? 0);
}
