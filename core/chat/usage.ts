/** Tokens that a provider counted for one request. */
export interface Usage {
  input: number;
  output: number;
  /** Part of `input` that was read from the provider's prompt cache. */
  cachedInput: number;
  /** Part of `output` that the model thought with. */
  reasoning: number;
}
