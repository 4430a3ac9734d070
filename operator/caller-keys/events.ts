import { API_VERSION } from '../../core/resources/kinds.ts';
import type { EventDraft } from '../events/event.ts';
import type { GeneratedCaller } from './generated-callers.ts';

export function keyGenerated(caller: GeneratedCaller): EventDraft {
  const note = `A key was made: it is in Secret "${caller.generate.secretName}".`;
  return { ...about(caller), type: 'Normal', reason: 'KeyGenerated', action: 'GenerateKey', note };
}

export function keyRotated(caller: GeneratedCaller): EventDraft {
  const note = `A new key is in Secret "${caller.generate.secretName}"; the one before stays good for its overlap.`;
  return { ...about(caller), type: 'Normal', reason: 'KeyRotated', action: 'RotateKey', note };
}

export function keyNotWritten(caller: GeneratedCaller, why: string): EventDraft {
  const note = `Secret "${caller.generate.secretName}" cannot be written: ${why}`;
  return { ...about(caller), type: 'Warning', reason: 'KeyNotWritten', action: 'WriteKey', note };
}

function about({ caller: { metadata } }: GeneratedCaller): Pick<EventDraft, 'regarding'> {
  const { namespace, name, uid } = metadata;
  const object = { apiVersion: API_VERSION, kind: 'CallerKey', namespace, name };
  return { regarding: uid === undefined ? object : { ...object, uid } };
}
