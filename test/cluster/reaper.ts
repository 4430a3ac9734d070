/**
 * A process of its own that outlives the test. It is told on stdin what the test starts (`+pid`) and what has ended
 * (`-pid`); when stdin closes, because the test is done or was killed in whatever way, it ends what is left and
 * removes the folder that is its argument.
 */
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

const folder = process.argv[2];
const running = new Set<number>();

// A Ctrl-C is meant for the test, whose end is what this process waits for.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});

createInterface(process.stdin)
  .on('line', (line) => {
    const pid = Number(line.slice(1));
    if (line.startsWith('+')) running.add(pid);
    else running.delete(pid);
  })
  .on('close', () => {
    for (const pid of running) kill(pid);
    if (folder !== undefined)
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  });

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
