/** A published configuration that cannot be taken over; the message says why. */
export class PublishError extends Error {
  override readonly name = 'PublishError';
}
