import * as z from 'zod';
import { invalidRequest } from './refused.ts';

const Count = z.int().min(1);
const Messages = z
  .array(
    z.object({
      role: z.string(),
      content: z
        .union([z.string(), z.array(z.object({ type: z.string(), text: z.string().optional() }))])
        .nullish(),
    }),
  )
  .min(1);

const Tool = z.object({
  type: z.string(),
  function: z
    .object({ name: z.string(), parameters: z.record(z.string(), z.unknown()).optional() })
    .optional(),
});

const NamedTool = z.object({ type: z.string(), function: z.object({ name: z.string() }).optional() });

const Generation = {
  model: z.string(),
  n: Count.max(128).nullish(),
  max_tokens: Count.nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
};

/** What this provider reads of https://platform.openai.com/docs/api-reference/chat/create; the rest is ignored. */
export const ChatRequest = z.object({
  ...Generation,
  messages: Messages,
  max_completion_tokens: Count.nullish(),
  tools: z.array(Tool).nullish(),
  tool_choice: z
    .union([
      z.enum(['none', 'auto', 'required']),
      NamedTool.extend({
        allowed_tools: z.object({ mode: z.enum(['auto', 'required']), tools: z.array(NamedTool) }).optional(),
      }),
    ])
    .nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  response_format: z
    .object({
      type: z.string(),
      json_schema: z.object({ schema: z.record(z.string(), z.unknown()).optional() }).optional(),
    })
    .nullish(),
});

const Tokens = z.array(z.int()).min(1);
const Texts = z.union([z.string().min(1), Tokens, z.array(z.string().min(1)).min(1), z.array(Tokens).min(1)]);

/** https://platform.openai.com/docs/api-reference/completions/create */
export const CompletionRequest = z.object({
  ...Generation,
  prompt: z.union([z.literal(''), Texts]).nullish(),
});

/** https://platform.openai.com/docs/api-reference/embeddings/create */
export const EmbeddingRequest = z.object({
  model: z.string(),
  input: Texts,
  dimensions: Count.max(4_096).nullish(),
  encoding_format: z.enum(['float', 'base64']).nullish(),
});

export type ChatRequest = z.infer<typeof ChatRequest>;
export type ChatMessage = ChatRequest['messages'][number];
export type CompletionRequest = z.infer<typeof CompletionRequest>;
export type EmbeddingRequest = z.infer<typeof EmbeddingRequest>;

/**
 * The body of a request.
 * @throws Refused 400, naming the first field that is missing or wrong
 */
export function parse<T>(schema: z.ZodType<T>, body: Buffer): T {
  const given = json(body);
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const [{ path, message }] = result.error.issues as [z.core.$ZodIssue];
  const param = path.join('.');
  if (typeof given === 'object' && given !== null && path.length === 1 && !(param in given)) {
    throw invalidRequest(`Missing required parameter: '${param}'.`, param, 'missing_required_parameter');
  }
  throw invalidRequest(`Invalid value for '${param}': ${message}.`, param, 'invalid_value');
}

function json(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    throw invalidRequest('We could not parse the JSON body of your request.', null);
  }
}

/** One text each; a list of token numbers is read as its numbers. */
export function textsOf(input: z.infer<typeof Texts> | null | undefined): string[] {
  if (input === null || input === undefined) return [''];
  if (typeof input === 'string') return [input];
  if (typeof input[0] === 'number') return [input.join(' ')];
  return input.map((item) => (Array.isArray(item) ? item.join(' ') : String(item)));
}

/** The text of a message: parts that are not text have none. */
export function textOf({ content }: ChatMessage): string {
  if (typeof content === 'string') return content;
  return (content ?? []).map(({ text }) => text ?? '').join('');
}
