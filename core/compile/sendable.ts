/** Whether a value can be sent in a header: visible ASCII, with inner spaces. */
export function isSendable(value: string): boolean {
  return /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value);
}
