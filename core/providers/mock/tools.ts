import { exampleOf } from './json-schema.ts';
import type { ChatRequest } from './request.ts';

type ToolChoice = Exclude<ChatRequest['tool_choice'], string | null | undefined>;

/** A function that the model calls; `arguments` is JSON. */
export interface ToolCall {
  name: string;
  arguments: string;
}

/**
 * The calls that the model makes: the first tool, every tool when `parallel_tool_calls` asks for it, none once a
 * tool has answered (unless the choice insists). https://platform.openai.com/docs/guides/function-calling
 *
 * @param text what a free-text argument says
 */
export function toolCalls(request: ChatRequest, text: string): ToolCall[] {
  const { tools, tool_choice, parallel_tool_calls, messages } = request;
  const { names, insists } = allowedBy(tool_choice);
  const answered = messages.at(-1)?.role === 'tool';
  if (tool_choice === 'none' || (answered && !insists)) return [];
  const functions = (tools ?? []).flatMap((tool) => tool.function ?? []);
  const callable = names ? functions.filter(({ name }) => names.includes(name)) : functions;
  return callable.slice(0, parallel_tool_calls ? undefined : 1).map(({ name, parameters }) => ({
    name,
    arguments: JSON.stringify(parameters ? exampleOf(parameters, text || 'example') : {}),
  }));
}

interface Allowed {
  /** Undefined: all of them. */
  names?: readonly (string | undefined)[];
  insists: boolean;
}

function allowedBy(choice: ChatRequest['tool_choice']): Allowed {
  if (typeof choice === 'string' || !choice) return { insists: choice === 'required' };
  return allowedByObject(choice);
}

function allowedByObject({ function: named, allowed_tools: allowed }: ToolChoice): Allowed {
  if (named) return { names: [named.name], insists: true };
  if (!allowed) return { insists: false };
  return { names: allowed.tools.map((tool) => tool.function?.name), insists: allowed.mode === 'required' };
}
