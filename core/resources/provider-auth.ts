import * as z from 'zod';
import { orderedList } from './collections.ts';
import { secretKeyRef, secretRef } from './references.ts';
import { ruled } from './rules.ts';
import { freeText } from './scalars.ts';

const apiKey = ruled(
  z
    .object({
      secretRef: secretKeyRef('The Secret value that is the key.').optional(),
      secretRefs: orderedList(secretKeyRef('One of the keys.'), 16)
        .min(1)
        .optional()
        .describe(
          'Several keys of equal standing: requests are spread over them, and one that gets 401 or 429 is rested.',
        ),
    })
    .describe('A static key, sent the way the provider wants it. Exactly one of secretRef and secretRefs.'),
  {
    rule: 'has(self.secretRef) != has(self.secretRefs)',
    message: 'set exactly one of secretRef (one key) and secretRefs (several keys)',
    check: ({ secretRef: one, secretRefs: several }) => (one === undefined) !== (several === undefined),
  },
);

const aws = ruled(
  z
    .object({
      region: freeText(32).describe('AWS region that is called and signed for, for example eu-west-1.'),
      secretRef: secretRef(
        'Secret with the keys accessKeyId, secretAccessKey and, optionally, sessionToken.',
      ).optional(),
      webIdentity: z
        .object({ roleArn: freeText(2048).describe('ARN of the role to assume.') })
        .optional()
        .describe("Exchange the proxy's projected ServiceAccount token for a session of this role (IRSA)."),
    })
    .describe('Requests are signed with AWS credentials (SigV4). Exactly one of secretRef and webIdentity.'),
  {
    rule: 'has(self.secretRef) != has(self.webIdentity)',
    message: 'set exactly one of secretRef (static keys) and webIdentity (a role)',
    check: ({ secretRef: keys, webIdentity }) => (keys === undefined) !== (webIdentity === undefined),
  },
);

const gcp = ruled(
  z
    .object({
      project: freeText(64).describe('Google Cloud project that is called and billed.'),
      location: freeText(32).describe('Region, for example europe-west4, or global.'),
      secretRef: secretKeyRef('Secret value with the JSON key of a service account.').optional(),
      workloadIdentity: z
        .object({})
        .optional()
        .describe('Written {}: use the identity that the platform gives to the proxy (Workload Identity).'),
    })
    .describe('Requests carry a Google access token. Exactly one of secretRef and workloadIdentity.'),
  {
    rule: 'has(self.secretRef) != has(self.workloadIdentity)',
    message: 'set exactly one of secretRef (a service account key) and workloadIdentity: {}',
    check: ({ secretRef: key, workloadIdentity }) => (key === undefined) !== (workloadIdentity === undefined),
  },
);

const azure = z
  .object({
    tenantId: freeText(64).describe('Directory (tenant) of the application.'),
    clientId: freeText(64).describe('Application (client) id.'),
    secretRef: secretKeyRef('The Secret value that is the client secret.'),
  })
  .describe(
    'Requests carry a Microsoft Entra token of an application. With a resource key, use apiKey instead.',
  );

/** How the gateway logs in at a provider. */
export const providerAuth = ruled(
  z
    .object({
      apiKey: apiKey.optional(),
      aws: aws.optional(),
      gcp: gcp.optional(),
      azure: azure.optional(),
    })
    .describe(
      'How the gateway logs in; exactly one member. Absent for Mock and for an OpenAICompatible server that asks for no key.',
    ),
  {
    rule: '[has(self.apiKey), has(self.aws), has(self.gcp), has(self.azure)].exists_one(x, x)',
    message: 'set exactly one of apiKey, aws, gcp and azure, or leave auth out',
    check: (auth) => Object.values(auth).filter((member) => member !== undefined).length === 1,
  },
);
