import { hash } from 'node:crypto';
import type { ToolCall } from './tools.ts';

/** Unique within an answer, the same for the same request. */
export function callId(call: ToolCall, choice: number, index: number): string {
  const digest = hash('sha256', `${call.name} ${call.arguments} ${choice} ${index}`, 'hex');
  return `call_${digest.slice(0, 24)}`;
}
