/** How much of streams that are on their way may be held for later, all together. */
export class RecordingSpace {
  /** Bytes of one stream at most. */
  readonly largest: number;
  #left: number;

  constructor(bytes: number, largest: number) {
    this.#left = bytes;
    this.largest = largest;
  }

  /** False when there is no room: then nothing was taken. */
  take(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }

  give(bytes: number): void {
    this.#left += bytes;
  }
}
