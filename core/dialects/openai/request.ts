import { GatewayError } from '../../errors.ts';
import { JsonError, scanObject, type Member } from '../../json/scan.ts';
import type { ParsedRequest } from '../dialect.ts';

/**
 * Fields that the gateway or a policy decides on. A provider whose parser takes the first duplicate, or ignores
 * case, must not see another request than the one that was decided on, so these are refused in doubt.
 */
const DECIDING = new Set([
  'model',
  'stream',
  'stream_options',
  'max_tokens',
  'max_completion_tokens',
  'n',
  'messages',
  'prompt',
  'input',
  'tools',
  'user',
]);

/** Folding changes nothing in it. */
const ORDINARY = /^[a-z_]*$/;

const MAX_MODEL_LENGTH = 1_024;

/** https://platform.openai.com/docs/api-reference/chat/create; legacy completions and embeddings share these fields. */
export function parseRequest(bytes: Buffer): ParsedRequest {
  const members = scan(bytes);
  const fields = decidingFields(members);
  return {
    bytes,
    members,
    model: modelOf(bytes, fields.get('model')),
    stream: flag(bytes, fields.get('stream'), 'stream'),
    wantsUsage: wantsUsage(bytes, fields.get('stream_options')),
  };
}

function scan(bytes: Buffer): Member[] {
  try {
    return scanObject(bytes);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new GatewayError('invalid_json', `The request body is not valid JSON: ${error.message}.`);
  }
}

function decidingFields(members: readonly Member[]): Map<string, Member> {
  const fields = new Map<string, Member>();
  for (const member of members) {
    const { key } = member;
    const name = ORDINARY.test(key) ? key : folded(key);
    if (key === '__proto__') throw new GatewayError('invalid_json', 'The field "__proto__" is not allowed.');
    if (!DECIDING.has(name)) continue;
    if (name !== key) {
      throw new GatewayError('invalid_json', `Unknown field "${key}": write it "${name}".`, { param: name });
    }
    if (fields.has(key)) {
      throw new GatewayError('invalid_json', `The field "${key}" appears twice: send it once.`, {
        param: key,
      });
    }
    fields.set(key, member);
  }
  return fields;
}

/** As parsers that ignore case compare names: Go's takes U+017F for an s, which only its upper case shows. */
function folded(key: string): string {
  return key.toUpperCase().toLowerCase();
}

function modelOf(bytes: Buffer, member: Member | undefined): string {
  const model = member && valueOf(bytes, member);
  if (typeof model === 'string' && model !== '') return sendable(model);
  const message = 'The field "model" is required: the name of a model alias, as GET /v1/models lists them.';
  throw new GatewayError('invalid_parameter', message, { param: 'model' });
}

/** A wildcard alias takes any name into a path, a header and a log. */
function sendable(model: string): string {
  if (model.length <= MAX_MODEL_LENGTH && model.isWellFormed()) return model;
  const message = `The field "model" is longer than ${MAX_MODEL_LENGTH} characters, or not valid Unicode.`;
  throw new GatewayError('invalid_parameter', message, { param: 'model' });
}

function flag(bytes: Buffer, member: Member | undefined, param: string): boolean {
  const value = member ? valueOf(bytes, member) : false;
  if (value === null) return false;
  if (typeof value === 'boolean') return value;
  throw new GatewayError('invalid_parameter', `The field "${param}" must be true or false.`, { param });
}

function wantsUsage(bytes: Buffer, member: Member | undefined): boolean {
  const options = member && valueOf(bytes, member);
  if (options === undefined || options === null) return false;
  if (typeof options === 'object') return 'include_usage' in options && options.include_usage === true;
  const message = 'The field "stream_options" must be an object.';
  throw new GatewayError('invalid_parameter', message, { param: 'stream_options' });
}

function valueOf(bytes: Buffer, { key, valueStart, end }: Member): unknown {
  const text = bytes.toString('utf8', valueStart, end);
  // Nearly always it is one of these.
  if (text === 'true' || text === 'false') return text === 'true';
  if (text.startsWith('"') && !text.includes('\\')) return text.slice(1, -1);
  try {
    return JSON.parse(text);
  } catch {
    throw new GatewayError('invalid_json', `The value of "${key}" is not valid JSON.`, { param: key });
  }
}
