import type { Logger } from 'pino';
import { Backoff } from '../kube/backoff.ts';
import { NotLeader } from '../leader/leadership.ts';
import type { Task, TaskInput, TaskOutcome } from '../task.ts';

export interface TaskRunnerOptions {
  tasks: readonly Task[];
  log: Logger;
  /** What all tasks have to say together. */
  done: (outcome: TaskOutcome) => void;
  /** Asks for a reconcile. */
  poke: () => void;
}

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 10_000;

/** Runs the tasks beside the reconciles, which do not wait for them; of several inputs only the last one counts. */
export class TaskRunner {
  readonly #options: TaskRunnerOptions;
  readonly #backoff = new Backoff(FIRST_WAIT, LONGEST_WAIT);
  /** By the name of the task: what it said last stands while it fails. */
  readonly #outcomes = new Map<string, TaskOutcome>();
  #next: TaskInput | undefined;
  #running: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(options: TaskRunnerOptions) {
    this.#options = options;
  }

  run(input: TaskInput): void {
    this.#next = input;
    this.#running ??= this.#work().finally(() => (this.#running = undefined));
  }

  /** Forgets what was said: another process has led, or will. */
  reset(): void {
    this.#next = undefined;
    this.#outcomes.clear();
    clearTimeout(this.#retry);
  }

  async stop(): Promise<void> {
    this.reset();
    await this.#running;
  }

  /** The first instant at which some task wants to run although nothing has changed. */
  get wakeAt(): number {
    return Math.min(...Array.from(this.#outcomes.values(), ({ wakeAt }) => wakeAt ?? Infinity));
  }

  async #work(): Promise<void> {
    for (let input = this.#next; input !== undefined; input = this.#next) {
      this.#next = undefined;
      await this.#runAll(input);
      this.#options.done(together([...this.#outcomes.values()]));
    }
  }

  async #runAll(input: TaskInput): Promise<void> {
    let failed = false;
    for (const task of this.#options.tasks) {
      try {
        this.#outcomes.set(task.name, await task.run(input));
      } catch (error) {
        if (error instanceof NotLeader) return;
        failed = true;
        this.#options.log.warn({ task: task.name, error: (error as Error).message }, 'a task failed');
      }
    }
    if (failed) this.#tryAgain();
    else this.#backoff.reset();
  }

  #tryAgain(): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(this.#options.poke, this.#backoff.next()).unref();
  }
}

function together(outcomes: readonly TaskOutcome[]): TaskOutcome {
  const fields = new Map<string, Readonly<Record<string, unknown>>>();
  for (const outcome of outcomes) {
    for (const [key, members] of outcome.fields ?? []) fields.set(key, { ...fields.get(key), ...members });
  }
  return {
    fields,
    problems: new Map(outcomes.flatMap(({ problems }) => [...(problems ?? [])])),
    underWay: new Set(outcomes.flatMap(({ underWay }) => [...(underWay ?? [])])),
  };
}
