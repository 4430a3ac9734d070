/** Bytes of JSON that a bucket holds on average: packed it is a half or less, far below the limit of a Secret. */
const BUCKET_BYTES = 256 * 1024;

/** A power of two, so that growing splits buckets instead of mixing all of them anew. */
export function bucketCount(totalBytes: number): number {
  let count = 1;
  while (count * BUCKET_BYTES < totalBytes) count *= 2;
  return count;
}

/** Where an id belongs: the same for the same id and count, whatever else there is. FNV-1a, stirred once more. */
export function bucketOf(id: string, count: number): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) h = Math.imul(h ^ id.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  return ((h ^ (h >>> 13)) >>> 0) & (count - 1);
}
