import { printError } from '../output.ts';

interface Wanted {
  host: string;
  port: number;
  adminPort: number;
}

/** Prints what to do about a port or address that cannot be listened on; throws any other error again. */
export function printListenError(error: unknown, wanted: Wanted): void {
  const message = listenError(error, wanted);
  if (message === undefined) throw error;
  printError(message);
}

function listenError(error: unknown, { host, port, adminPort }: Wanted): string | undefined {
  const { code, port: failed } = error as NodeJS.ErrnoException & { port?: number };
  const flag = failed === adminPort && failed !== port ? '--admin-port' : '--port';
  if (code === 'EADDRINUSE') {
    return `port ${failed ?? ''} is in use: stop what listens there, or choose another with ${flag}`;
  }
  if (code === 'EACCES') return `port ${failed ?? ''} needs more rights: choose one above 1023 with ${flag}`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return `"${host}" is no address of this machine: choose another with --host`;
  }
  return undefined;
}
