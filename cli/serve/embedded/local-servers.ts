/** A model server on this machine that speaks OpenAI's API. */
export interface LocalServer {
  name: string;
  baseURL: string;
  models: readonly string[];
}

interface KnownServer {
  name: string;
  port: number;
}

const KNOWN: readonly KnownServer[] = [
  { name: 'ollama', port: 11_434 },
  { name: 'lmstudio', port: 1_234 },
  { name: 'vllm', port: 8_000 },
];

const TIMEOUT = 300;
const MOST_MODELS = 20;

/** Asks the usual ports, on loopback only; what does not answer in 300 ms is not there. */
export async function findLocalServers(known: readonly KnownServer[] = KNOWN): Promise<LocalServer[]> {
  const answers = await Promise.all(
    known.map(({ name, port }) => ask(name, `http://127.0.0.1:${port}/v1`).catch(() => undefined)),
  );
  return answers.filter((server) => server !== undefined);
}

async function ask(name: string, baseURL: string): Promise<LocalServer | undefined> {
  const signal = AbortSignal.timeout(TIMEOUT);
  const response = await fetch(`${baseURL}/models`, { signal, redirect: 'error' });
  if (!response.ok) return undefined;
  const { data } = ((await response.json()) ?? {}) as { data?: unknown };
  if (!Array.isArray(data)) return undefined;
  const ids = data.map((model: unknown) => ((model ?? {}) as { id?: unknown }).id);
  const models = ids.filter((id): id is string => typeof id === 'string' && id !== '');
  return { name, baseURL, models: models.slice(0, MOST_MODELS) };
}
