/** What the gateway reads of a chunk: https://platform.openai.com/docs/api-reference/chat-streaming */
export interface Chunk {
  usage?: unknown;
  /** https://console.groq.com/docs/api-reference#chat-create */
  x_groq?: { usage?: unknown } | null;
  choices?: unknown;
  error?: unknown;
}

/** Undefined when it is no JSON object. */
export function parseChunk(data: string): Chunk | undefined {
  try {
    const chunk: unknown = JSON.parse(data);
    return typeof chunk === 'object' && chunk !== null ? chunk : undefined;
  } catch {
    return undefined;
  }
}
