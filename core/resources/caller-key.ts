import * as z from 'zod';
import { listBy, mapOf, orderedList, setOf } from './collections.ts';
import { durationMs } from './duration.ts';
import type { Metadata } from './metadata.ts';
import { secretKeyRef } from './references.ts';
import { ruled } from './rules.ts';
import {
  aliasPattern,
  cidr,
  duration,
  freeText,
  instant,
  issuerURL,
  labelName,
  objectName,
  positiveDuration,
  sha256Hex,
} from './scalars.ts';

const rotation = ruled(
  z
    .object({
      every: positiveDuration().describe('Age at which the key is replaced, for example 720h.'),
      overlap: duration()
        .optional()
        .describe(
          'How long the key before stays valid beside the new one; shorter than every. Default 24h, or half of every if that is less.',
        ),
    })
    .describe('Replaces the key on a schedule. Default: the key never changes.'),
  {
    rule: '!has(self.overlap) || duration(self.overlap) < duration(self.every)',
    message: 'overlap must be shorter than every',
    fieldPath: '.overlap',
    check: ({ every, overlap }) => overlap === undefined || durationMs(overlap) < durationMs(every),
  },
);

const generate = z
  .object({
    secretName: objectName().describe(
      'Name of the Secret, in this namespace, that MODELGATE_API_KEY and MODELGATE_BASE_URL are written into: mount it with envFrom.',
    ),
    rotation: rotation.optional(),
  })
  .describe('The gateway makes the key. With serve --config, it is kept in a file of the state folder.');

const serviceAccount = z
  .object({
    name: objectName().describe('Name of the ServiceAccount, in the same namespace as this CallerKey.'),
  })
  .describe('A ServiceAccount of this namespace.');

const jwt = z
  .object({
    issuer: issuerURL().describe('Exact value of the "iss" claim.'),
    audience: freeText(253).describe('Value that the "aud" claim must have or contain.'),
    jwksURL: issuerURL()
      .optional()
      .describe(
        "Where the issuer's public keys are. Default: as its discovery document (/.well-known/openid-configuration) says.",
      ),
    claims: mapOf(freeText(128), z.string().max(256).describe('Exact value of the claim.'), 16)
      .optional()
      .describe(
        'Claims, by name, that the token must have with exactly these values. Default: none beyond issuer and audience.',
      ),
  })
  .describe("The caller's token of an OpenID Connect issuer is the key.");

const aliasRef = z
  .object({
    name: objectName().describe('metadata.name of the ModelAlias.'),
    namespace: labelName()
      .optional()
      .describe(
        "Namespace of the ModelAlias; default: this CallerKey's own. Another one needs that alias's allowedNamespaces to admit this namespace, otherwise ResolvedRefs is False (RefNotPermitted).",
      ),
  })
  .describe('One ModelAlias object.');

const members = z.object({
  generate: generate.optional(),
  secretRef: secretKeyRef(
    'The platform brings the key, at least 16 characters long, in a Secret of this namespace.',
  ).optional(),
  sha256: sha256Hex()
    .optional()
    .describe(
      'SHA-256 of the key in hexadecimal: printf %s "$KEY" | sha256sum. Safe in Git when the key is random and long.',
    ),
  serviceAccounts: listBy('name', serviceAccount, 16)
    .min(1)
    .optional()
    .describe(
      'No key at all: the projected token (audience "modelgate") of a pod that runs as one of these ServiceAccounts is the key.',
    ),
  jwt: jwt.optional(),
  aliases: setOf(aliasPattern().min(1), 256)
    .optional()
    .describe(
      'Aliases that the key may call, by the name that applications send. team/* covers every alias below team/, * everything that is granted to this namespace. A name is looked for in this namespace first, then it is the oldest granted one of that name. [] and absent: none.',
    ),
  aliasRefs: orderedList(aliasRef, 256)
    .optional()
    .describe(
      'Further aliases, each named as an object. Its name wins over the same name found through aliases.',
    ),
  disabled: z
    .boolean()
    .optional()
    .describe('true refuses the key at once with 401 (api_key_disabled). Default false.'),
  expiresAt: instant()
    .optional()
    .describe('Instant (RFC 3339) from which the key is refused with 401 (api_key_expired). Default: never.'),
  attributes: mapOf(freeText(64), z.string().max(256).describe('Value of the attribute.'), 32)
    .optional()
    .describe(
      'Free names and values, for example costCenter: "42", that travel into logs, spans and usage events. Never put a secret here.',
    ),
  allowedCIDRs: setOf(cidr(), 64)
    .optional()
    .describe('Client addresses that the key may be used from, like 10.0.0.0/8. Default and []: all.'),
});

const SOURCES = ['generate', 'secretRef', 'sha256', 'serviceAccounts', 'jwt'] as const;

/** What a CallerKey says. */
export const callerKeySpec = ruled(
  members.describe('Who calls, how that is proved, and what may be called. Exactly one source of the key.'),
  {
    rule: `[${SOURCES.map((name) => `has(self.${name})`).join(', ')}].exists_one(x, x)`,
    message: `set exactly one of ${SOURCES.slice(0, -1).join(', ')} and ${SOURCES.at(-1)}`,
    check: (spec) => SOURCES.filter((name) => spec[name] !== undefined).length === 1,
  },
);

export type CallerKeySpec = z.output<typeof callerKeySpec>;

/** An application's key, and what it may call. */
export interface CallerKey {
  apiVersion: 'modelgate.dev/v1alpha1';
  kind: 'CallerKey';
  metadata: Metadata;
  spec: CallerKeySpec;
}
