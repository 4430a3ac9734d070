import { instant } from '../../core/compile/instants.ts';
import type { CallerKey } from '../../core/resources/kinds.ts';
import { durationMs } from '../../core/resources/duration.ts';
import { ROTATE_ANNOTATION } from './names.ts';

type Generate = NonNullable<CallerKey['spec']['generate']>;

const DAY = 24 * 3_600_000;
/** What can be read as an instant is more than that: "1" is a day in 2001. */
const INSTANT = /^\d{4}-\d\d-\d\dT/;

/** Milliseconds for which a key that is replaced stays good. */
export function overlapOf({ rotation }: Generate): number {
  if (rotation === undefined) return DAY;
  const { every, overlap } = rotation;
  return overlap === undefined ? Math.min(DAY, durationMs(every) / 2) : durationMs(overlap);
}

/**
 * What the annotation asks for: `now` while nobody has written down when that was. Whatever is no instant means now:
 * who writes `true` wants the same.
 */
export function rotationRequest({ metadata }: CallerKey): number | 'now' | undefined {
  const text = metadata.annotations?.[ROTATE_ANNOTATION];
  if (text === undefined) return undefined;
  return (INSTANT.test(text) ? instant(text) : undefined) ?? 'now';
}

/** When the key of this age is to be replaced; Infinity for never. Milliseconds since the epoch. */
export function nextRotation(caller: CallerKey, { rotation }: Generate, rotatedAt: number): number {
  const scheduled = rotation ? rotatedAt + durationMs(rotation.every) : Infinity;
  const request = rotationRequest(caller);
  // A request that is older than the key has been seen to.
  const asked = typeof request === 'number' && request > rotatedAt ? request : Infinity;
  return Math.min(scheduled, asked);
}

/** When the key of this age stops being good for one who does not care for rotations; Infinity for never. */
export function endOfKey({ spec }: CallerKey, { rotation, ...rest }: Generate, rotatedAt: number): number {
  const scheduled = rotation
    ? rotatedAt + durationMs(rotation.every) + overlapOf({ rotation, ...rest })
    : Infinity;
  return Math.min(scheduled, instant(spec.expiresAt) ?? Infinity);
}
