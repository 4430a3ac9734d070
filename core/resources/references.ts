import * as z from 'zod';
import { mapOf } from './collections.ts';
import { ruled } from './rules.ts';
import { labelName, objectName, secretKey } from './scalars.ts';

/** One value of a Secret in the namespace of the resource that refers to it. */
export const secretKeyRef = (what: string) =>
  z
    .object({
      name: objectName().describe('Name of the Secret, in the same namespace as this resource.'),
      key: secretKey().describe(
        'Key inside the Secret. When the Secret or the key does not exist, ResolvedRefs is False (SecretNotFound, SecretKeyNotFound) until it does.',
      ),
    })
    .describe(what);

/** A whole Secret in the namespace of the resource that refers to it. */
export const secretRef = (what: string) =>
  z
    .object({ name: objectName().describe('Name of the Secret, in the same namespace as this resource.') })
    .describe(what);

/** A ProviderCredential, here or in a namespace that grants its use. */
export const credentialRef = (what: string) =>
  z
    .object({
      name: objectName().describe(
        'Name of the ProviderCredential. When it does not exist, ResolvedRefs is False (CredentialNotFound) until it does.',
      ),
      namespace: labelName()
        .optional()
        .describe(
          "Namespace of the ProviderCredential; default: this resource's own. Another namespace needs that credential's allowedNamespaces to admit this one, otherwise ResolvedRefs is False (RefNotPermitted).",
        ),
    })
    .describe(what);

/** A choice of objects by their labels. */
export const labelSelector = (what: string) =>
  z
    .object({
      matchLabels: mapOf(
        z.string().min(1).max(317),
        z.string().max(63).describe('Value that the label must have.'),
        16,
      ).describe('Label names and values; all of them must match. An empty map matches everything.'),
    })
    .describe(what);

/** Which other namespaces may refer to a resource. */
export const allowedNamespaces = (who: string) =>
  ruled(
    z
      .object({
        from: z
          .enum(['Same', 'All', 'Selector'])
          .describe(
            'Same: only this namespace. All: every namespace of the cluster. Selector: this namespace and those whose labels match selector.',
          ),
        selector: labelSelector(
          'Labels of the namespaces that are admitted. Required when from is Selector.',
        ).optional(),
      })
      .describe(`${who} Default: {from: Same}. A grant that is taken back takes effect at once.`),
    {
      rule: "(self.from == 'Selector') == has(self.selector)",
      message: 'selector is required when from is Selector, and must be absent otherwise',
      fieldPath: '.selector',
      check: ({ from, selector }) => (from === 'Selector') === (selector !== undefined),
    },
  );

export type LabelSelector = z.output<ReturnType<typeof labelSelector>>;
export type AllowedNamespaces = z.output<ReturnType<typeof allowedNamespaces>>;
export type SecretKeyRef = z.output<ReturnType<typeof secretKeyRef>>;

/** A named object, here or in another namespace. */
export type ObjectReference = z.output<ReturnType<typeof credentialRef>>;
