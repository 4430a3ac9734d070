import assert from 'node:assert/strict';

/** A metric family as it was scraped. */
export interface Family {
  help: string;
  type: string;
  /** Series, written as in the text without their value: `name{label="value"}`. */
  samples: Map<string, number>;
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)*\})? (\S+)$/;

/**
 * Reads Prometheus' text format and is strict about it: every family has its HELP and TYPE before its samples, no
 * series comes twice. https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function parseExposition(text: string): Map<string, Family> {
  assert.ok(text.endsWith('\n'));
  const families = new Map<string, Family>();
  let current: [string, Family] | undefined;
  for (const line of text.split('\n').filter(Boolean)) {
    const [, keyword, name, rest] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (keyword === 'HELP') {
      assert.ok(!families.has(name!), `${name} comes twice`);
      current = [name!, { help: rest!, type: '', samples: new Map() }];
      families.set(...current);
    } else if (keyword === 'TYPE') {
      assert.equal(current?.[0], name);
      current![1].type = rest!;
    } else addSample(line, current);
  }
  return families;
}

function addSample(line: string, family: [string, Family] | undefined): void {
  const [, name, labels = '', value] = SAMPLE.exec(line) ?? [];
  assert.ok(name !== undefined && family !== undefined, line);
  const [familyName, { type, samples }] = family;
  const names =
    type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => familyName + end) : [familyName];
  assert.ok(names.includes(name), `${name} is no ${familyName}`);
  assert.ok(!samples.has(name + labels), `${line} comes twice`);
  // Go reads "nan" in any case.
  assert.ok(/^(?:\+Inf|nan)$/i.test(value!) || !Number.isNaN(Number(value)), line);
  samples.set(name + labels, Number(value));
}
