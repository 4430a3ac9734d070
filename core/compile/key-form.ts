/** What keys that the gateway makes look like: 256 random bits behind a prefix that tells scanners whose they are. */
export const KEY_FORM = /^mg-[A-Za-z0-9_-]{43}$/;

/** Random bytes that a key is made of. */
export const KEY_BYTES = 32;

/** @param random 32 bytes */
export function keyFrom(random: Buffer): string {
  return `mg-${random.toString('base64url')}`;
}

/** As much of a generated key as may be shown, to recognise it by. Of 256 bits it tells 30. */
export function prefixOf(key: string): string {
  return key.slice(0, 8);
}
