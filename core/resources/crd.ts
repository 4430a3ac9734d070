import * as z from 'zod';
import { CATEGORIES, GROUP, type KindDefinition, type PrinterColumn, VERSION } from './kinds.ts';
import { rulesOf } from './rules.ts';
import { NOT_OBSERVED } from './status.ts';

/** An OpenAPI v3 schema as a CRD holds it. */
export interface StructuralSchema {
  description?: string;
  type?: string;
  format?: string;
  properties?: Record<string, StructuralSchema>;
  additionalProperties?: StructuralSchema;
  items?: StructuralSchema;
  required?: string[];
  [keyword: string]: unknown;
}

/**
 * The CustomResourceDefinition of one kind, ready to be written as YAML.
 * @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
 */
export function customResourceDefinition(definition: KindDefinition) {
  const { kind, plural, singular, shortName, columns, selectableFields } = definition;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${GROUP}` },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular,
        shortNames: [shortName],
        categories: [...CATEGORIES],
      },
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: [READY, ...columns, REASON, MESSAGE, AGE],
          ...(selectableFields.length > 0 && {
            selectableFields: selectableFields.map((jsonPath) => ({ jsonPath })),
          }),
          schema: { openAPIV3Schema: rootSchema(definition) },
        },
      ],
    },
  };
}

const ready = (member: string): string => `.status.conditions[?(@.type=="Ready")].${member}`;

const READY: PrinterColumn = {
  name: 'Ready',
  type: 'string',
  jsonPath: ready('status'),
  description: 'Whether it is valid, resolved and in use by every proxy.',
};
const REASON: PrinterColumn = {
  name: 'Reason',
  type: 'string',
  jsonPath: ready('reason'),
  description: 'Why, in one word.',
};
const MESSAGE: PrinterColumn = {
  name: 'Message',
  type: 'string',
  jsonPath: ready('message'),
  description: 'Why, and what to do.',
  priority: 1,
};
const AGE: PrinterColumn = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: 'Time since it was created.',
};

function rootSchema({ description, spec, status }: KindDefinition): StructuralSchema {
  return {
    description,
    type: 'object',
    required: ['spec'],
    properties: {
      apiVersion: {
        description: `API group and version: ${GROUP}/${VERSION}.`,
        type: 'string',
        maxLength: 253,
      },
      kind: { description: 'Kind of the resource.', type: 'string', maxLength: 63 },
      // The API server knows the members of metadata; it refuses a schema that says anything about them.
      metadata: { type: 'object' },
      spec: structuralSchema(spec),
      // Without it, an object that nobody has looked at yet counts as done: https://github.com/kubernetes-sigs/cli-utils/tree/master/pkg/kstatus
      status: { ...structuralSchema(status), default: { observedGeneration: NOT_OBSERVED } },
    },
  };
}

/** A zod schema as a structural schema, with its rules as CEL. */
export function structuralSchema(schema: z.ZodType): StructuralSchema {
  const converted = z.toJSONSchema(schema, {
    target: 'openapi-3.0',
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      const validations = validationsOf(zodSchema);
      if (validations.length > 0) Object.assign(jsonSchema, { 'x-kubernetes-validations': validations });
    },
  });
  return tidy(converted as StructuralSchema);
}

const validationsOf = (schema: z.core.$ZodType) =>
  rulesOf(schema).flatMap(({ rule, message, fieldPath }) =>
    rule === undefined ? [] : [{ rule, message, ...(fieldPath !== undefined && { fieldPath }) }],
  );

/** Puts the description first, and says what the API server wants said and zod does not. */
function tidy(node: StructuralSchema): StructuralSchema {
  const { description, type, format, pattern, properties, additionalProperties, items, ...rest } = node;
  const { propertyNames: _notStructural, ...keywords } = rest;
  return {
    ...(description !== undefined && { description }),
    ...(type !== undefined && { type }),
    // A pattern in place of `format: date-time`: with that the API server lets lists through, and some instants that
    // the parser does not read.
    ...(pattern === undefined ? formatOf({ type, format, maximum: keywords['maximum'] }) : { pattern }),
    ...keywords,
    ...(properties && { properties: mapValues(properties, tidy) }),
    ...(additionalProperties && { additionalProperties: tidy(additionalProperties) }),
    ...(items && { items: tidy(items) }),
  };
}

function formatOf({
  type,
  format,
  maximum,
}: {
  type: string | undefined;
  format: string | undefined;
  maximum: unknown;
}) {
  if (type !== 'integer') return format === undefined ? {} : { format };
  return { format: Number(maximum) > 2_147_483_647 ? 'int64' : 'int32' };
}

function mapValues<T, U>(record: Record<string, T>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
