/** What can be asked of a model, named after OpenAI's path below `/v1`. */
export type Endpoint = 'chat/completions' | 'completions' | 'embeddings';
