import { JsonError, scanObject } from '../../core/json/scan.ts';

/** Whether a whole answer is what was asked for: an object to its last brace, and no error that says 200. */
export function isStorable(body: Buffer): boolean {
  try {
    return scanObject(body).every(
      ({ key, valueStart, end }) => key !== 'error' || body.toString('latin1', valueStart, end) === 'null',
    );
  } catch (error) {
    if (error instanceof JsonError) return false;
    throw error;
  }
}
