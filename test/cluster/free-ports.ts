import { createServer, type Server } from 'node:net';

// Below the range that systems give to outgoing connections and to `listen(0)`, so that nobody takes the port of a
// server that is being restarted.
const FIRST = 20_000;
const LAST = 32_000;

/** That many different loopback ports on which nobody listens. */
export async function freePorts(count: number): Promise<number[]> {
  const held: { port: number; server: Server }[] = [];
  while (held.length < count) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    const server = await listenOn(port);
    if (server !== undefined) held.push({ port, server });
  }
  await Promise.all(held.map(({ server }) => new Promise((done) => server.close(done))));
  return held.map(({ port }) => port);
}

function listenOn(port: number): Promise<Server | undefined> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(server));
  });
}
