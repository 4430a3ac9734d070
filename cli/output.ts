/** Results go to standard output, so that they can be piped. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Everything that is said beside the result goes to standard error. */
export function printError(text: string): void {
  process.stderr.write(`${text}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** @example count(1, 'problem') // '1 problem' */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
