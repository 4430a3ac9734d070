// What `helm test` runs in a pod: the gateway is ready, has metrics, and answers a request to a mock model.
const { PROXY_URL, ADMIN_URL, MODEL, MODELGATE_API_KEY } = process.env;
const GIVE_UP = Date.now() + 60_000;

/** Asks until the answer is 200: the alias is on its way to the proxies. */
async function expect200(what, url, init) {
  for (;;) {
    const said = await fetch(url, init).then(
      async (answer) => ({ ok: answer.status === 200, text: `${answer.status} ${await answer.text()}` }),
      (error) => ({ ok: false, text: String(error.cause ?? error) }),
    );
    if (said.ok) return process.stdout.write(`ok: ${what}\n`);
    if (Date.now() > GIVE_UP) throw new Error(`${what}: ${url} says ${said.text.slice(0, 500)}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

await expect200('a request to a mock model', `${PROXY_URL}/v1/chat/completions`, {
  method: 'POST',
  headers: { authorization: `Bearer ${MODELGATE_API_KEY}`, 'content-type': 'application/json' },
  body: JSON.stringify({ model: MODEL, messages: [{ role: 'user', content: 'Hello' }] }),
});
await expect200('ready', `${PROXY_URL}/readyz`);
await expect200('metrics', `${ADMIN_URL}/metrics`);
