const UNITS: readonly [number, string][] = [
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1_000, 's'],
];

/** Settings that are plain numbers, neither times nor sizes. */
const PLAIN = ['retries.attempts', 'retries.budgetPercent', 'circuitBreaker.failures'];

/**
 * A value of `Settings` for people.
 * @param path `timeouts.connect`
 * @example settingText('timeouts.connect', 1_500) // '1s500ms'
 */
export function settingText(path: string, value: number | readonly string[]): string {
  if (typeof value !== 'number') return value.length > 0 ? value.join(', ') : 'nothing';
  if (PLAIN.includes(path)) return String(value);
  return path.endsWith('Bytes') ? bytes(value) : duration(value);
}

function duration(ms: number): string {
  let rest = ms;
  let text = '';
  for (const [size, unit] of UNITS) {
    const whole = Math.floor(rest / size);
    if (whole > 0) text += `${whole}${unit}`;
    rest -= whole * size;
  }
  return rest > 0 || text === '' ? `${text}${rest}ms` : text;
}

function bytes(n: number): string {
  if (n > 0 && n % 1_048_576 === 0) return `${n / 1_048_576} MiB`;
  return n > 0 && n % 1_024 === 0 ? `${n / 1_024} KiB` : `${n} bytes`;
}
