import { canonicalJson } from '../config/canonical.ts';
import type { Config, Credential } from '../config/config.ts';
import type { Change } from './change.ts';
import { compareEntries } from './entries.ts';

/** Values of keys, headers and certificates are never part of it. */
export function credentialChanges(before: Config, after: Config): Change[] {
  const { added, removed, kept } = compareEntries(before.credentials, after.credentials);
  return [
    ...removed.map(([id]) => change('CredentialRemoved', id, `ProviderCredential ${id} is removed`)),
    ...added.map(([id]) => change('CredentialAdded', id, `ProviderCredential ${id} is added`)),
    ...kept.flatMap(([id, was, is]) =>
      differences(was, is).map((what) =>
        change('CredentialChanged', id, `${what} of ProviderCredential ${id} changed`),
      ),
    ),
  ];
}

function change(kind: Change['kind'], id: string, text: string): Change {
  return { kind, id, text, breaking: false };
}

function differences(was: Credential, is: Credential): string[] {
  const names: Record<Exclude<keyof Credential, 'policies'>, string> = {
    provider: 'provider',
    baseURL: 'baseURL',
    keys: 'key',
    headers: 'headers',
    forwardHeaders: 'forwardHeaders',
    tls: 'tls',
    quirks: 'quirks',
    egress: 'permission of addresses',
  };
  return Object.entries(names)
    .filter(([field]) => {
      const member = field as keyof typeof names;
      return canonicalJson([was[member]]) !== canonicalJson([is[member]]);
    })
    .map(([, name]) => name);
}
