import type { Config } from '../../core/config/config.ts';
import { count } from '../output.ts';
import type { ServedKey } from './configuration.ts';

export interface Started {
  version: string;
  host: string;
  port: number;
  adminPort: number;
  source: string;
  config: Config;
  keys: readonly ServedKey[];
  remarks: readonly string[];
}

const SHOWN = 24;
const WIDTH = 100;

/** What somebody sees who has just started the gateway: where it is, the key, the aliases, and what to try. */
export function banner(started: Started): string {
  const { version, config, source, remarks, keys } = started;
  const url = urlOf(started.host, started.port);
  return [
    `modelgate ${version} is serving the ${source}, revision ${config.revision}`,
    '',
    line('Base URL', `${url}/v1`),
    line('Operators', urlOf(started.host, started.adminPort)),
    ...keys.map(keyLine),
    ...aliasLines(config),
    ...remarks.map((remark) => line('', remark)),
    ...commands(started, url),
    '',
  ].join('\n');
}

function line(title: string, text: string): string {
  return `  ${title.padEnd(11)}${text}`;
}

/** A key is shown in full by the start that made it, and never again. */
function keyLine({ caller, key, file, isNew }: ServedKey): string {
  return line('Key', isNew ? `${key} (${caller}, kept in ${file})` : `in ${file} (${caller})`);
}

function aliasLines({ aliases }: Config): string[] {
  const names = Object.values(aliases).map(({ name }) => name);
  if (names.length === 0) return [line('Aliases', 'none yet')];
  const more = names.length - SHOWN;
  const shown = [...names.toSorted().slice(0, SHOWN), ...(more > 0 ? [`and ${more} more`] : [])];
  return wrap(shown).map((text, i) => line(i === 0 ? 'Aliases' : '', text));
}

function wrap(words: readonly string[]): string[] {
  const lines = [''];
  for (const [i, word] of words.entries()) {
    const piece = i === words.length - 1 ? word : `${word}, `;
    if (lines.at(-1)!.length + piece.length > WIDTH) lines.push('');
    lines[lines.length - 1] += piece;
  }
  return lines.map((text) => text.trimEnd());
}

function commands({ config, keys }: Started, url: string): string[] {
  const [key] = keys;
  const model = key && modelToTry(config, key.caller);
  if (key === undefined || model === undefined) return [];
  const read = `"$(cat ${quoted(key.file)})"`;
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] });
  return [
    '',
    '  Try it:',
    `    curl -s ${url}/v1/chat/completions -H "Authorization: Bearer $(cat ${quoted(key.file)})" -H 'content-type: application/json' -d '${body}'`,
    '',
    '  OpenAI SDKs, and everything built on them:',
    `    export OPENAI_BASE_URL=${url}/v1 OPENAI_API_KEY=${read}`,
  ];
}

/** The mock model that repeats what it is told, else the first alias with a name of its own. */
function modelToTry({ access, callers }: Config, caller: string): string | undefined {
  const names = (access[callers[caller]?.access ?? ''] ?? []).map(({ match }) => match);
  const plain = names.filter((name) => !name.endsWith('*') && !/['\\]/.test(name));
  return plain.find((name) => name === 'mock/echo') ?? plain[0];
}

function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

function urlOf(host: string, port: number): string {
  const reachable = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}

/** One line for a start that could not be. */
export function notStarted(problems: number): string {
  return `modelgate is not started: mend ${count(problems, 'problem')} first`;
}
