import { compile, type Reader, type Status } from '../../core/compile/index.ts';
import type { Egress } from '../../core/net/egress.ts';
import type { KubeObject } from '../kube/object.ts';
import { objectId } from '../kube/object.ts';

/** Documents to compile, and what is said of those whose place was taken by an earlier form. */
export interface Kept {
  documents: readonly KubeObject[];
  /** Statuses of the broken ones, by `Kind/namespace/name`. */
  broken: ReadonlyMap<string, Status>;
}

interface Form {
  uid: string;
  good: KubeObject;
  /** The broken document, and the good one under its metadata. */
  replaced: { broken: KubeObject; by: KubeObject } | undefined;
}

/** Kinds that only say where requests go and what holds for them; the others are keys, or give access to some. */
const KINDS: ReadonlySet<string> = new Set(['ModelAlias', 'TrafficPolicy']);
/** Who may use an alias. An edit that changes this is not to be outlived by what it was before. */
const GRANTS = ['allowedNamespaces', 'allowedCIDRs'];

/**
 * Keeps an alias or a policy in service by the last form of it that was right, when an edit has made it wrong in
 * itself. Grants, Secrets and credentials are judged as they are now: only the object's own wording is the earlier
 * one. A process that starts knows no earlier forms.
 */
export class LastGood {
  readonly #forms = new Map<string, Form>();
  readonly #read: Reader;
  readonly #egress: Egress;

  constructor(read: Reader, egress: Egress) {
    this.#read = read;
    this.#egress = egress;
  }

  keep(documents: readonly KubeObject[]): Kept {
    const seen = new Set<string>();
    const broken: KubeObject[] = [];
    const kept = documents.map((document) => {
      if (!KINDS.has(document.kind)) return document;
      const key = `${document.kind}/${objectId(document.metadata)}`;
      seen.add(key);
      const form = this.#form(key, document);
      if (form === document) return document;
      broken.push(document);
      return form;
    });
    for (const key of this.#forms.keys()) if (!seen.has(key)) this.#forms.delete(key);
    return { documents: kept, broken: broken.length === 0 ? new Map() : this.#statuses(broken) };
  }

  /** The document itself, or what keeps its place. */
  #form(key: string, document: KubeObject): KubeObject {
    const form = this.#forms.get(key);
    if (form?.good === document) return document;
    const reading = this.#read(document, this.#egress);
    if (reading.ok && reading.fault === undefined) {
      this.#forms.set(key, { uid: document.metadata.uid!, good: document, replaced: undefined });
      return document;
    }
    if (form === undefined || form.uid !== document.metadata.uid || !hasSameGrants(form.good, document))
      return document;
    if (form.replaced?.broken !== document) {
      const by = { ...document, spec: form.good['spec'] };
      form.replaced = { broken: document, by };
    }
    return form.replaced.by;
  }

  /** As compile sees the broken ones; it needs nothing else for that. */
  #statuses(resources: readonly KubeObject[]): Map<string, Status> {
    const world = { secrets: {}, namespaces: {}, now: 0 };
    const { statuses } = compile({ resources, read: this.#read, ...world });
    return new Map(statuses.map((status) => [`${status.kind}/${status.namespace}/${status.name}`, status]));
  }
}

function hasSameGrants(a: KubeObject, b: KubeObject): boolean {
  const [before, now] = [a, b].map(({ spec }) => (spec ?? {}) as Readonly<Record<string, unknown>>);
  return GRANTS.every((name) => JSON.stringify(before![name]) === JSON.stringify(now![name]));
}
