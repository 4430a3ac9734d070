import { isCoreV1, parseNamespace, parseSecret } from '../../core/resources/core-v1.ts';
import { parseResource } from '../../core/resources/parse.ts';
import { formatPath, type Parsed } from '../../core/resources/problem.ts';
import type { Path } from './document.ts';
import type { Environment } from './environment.ts';
import { readFiles } from './files.ts';
import { isForeign, objectsOf, type FileObject } from './objects.ts';
import type { Problem } from './problem.ts';
import { fillSecret } from './secret-document.ts';

/** What stands in files, as `compile` takes it, with the way back to the line. */
export interface Loaded {
  /** Objects of the four kinds, also those with problems: so that what refers to them is judged rightly. */
  resources: unknown[];
  secrets: Record<string, Readonly<Record<string, string>>>;
  namespaces: Record<string, Readonly<Record<string, string>>>;
  problems: Problem[];
  /** `Kind/namespace/name` of objects that have problems of their own. */
  faulty: ReadonlySet<string>;
  /** Objects of other kinds that were passed over. */
  foreign: number;
  /** Where an object (`Kind/namespace/name`) or one of its members stands. */
  where: (resource: string, path?: Path) => Pick<Problem, 'file' | 'line' | 'column'>;
}

export interface LoadOptions {
  environment: Environment;
  /** Take variables that are not set as set: for tools that look at no value. */
  assumeSecrets?: boolean;
}

/** Reads, checks and sorts everything behind the paths. A mistake is a problem in the result. */
export async function load(paths: readonly string[], options: LoadOptions): Promise<Loaded> {
  const { files, problems } = await readFiles(paths);
  const loading = new Loading(options, problems);
  for (const file of files) {
    const { objects, problems: found } = objectsOf(file);
    problems.push(...found);
    for (const object of objects) loading.add(object);
  }
  return loading.result();
}

class Loading {
  readonly #options: LoadOptions;
  readonly #problems: Problem[];
  readonly #places = new Map<string, FileObject>();
  readonly #faulty = new Set<string>();
  readonly #resources: unknown[] = [];
  readonly #secrets: Loaded['secrets'] = {};
  readonly #namespaces: Loaded['namespaces'] = {};
  #foreign = 0;

  constructor(options: LoadOptions, problems: Problem[]) {
    this.#options = options;
    this.#problems = problems;
  }

  add(object: FileObject): void {
    if (isForeign(object.value)) {
      this.#foreign++;
      return;
    }
    const id = identify(object.value);
    if (id !== undefined && this.#isDuplicate(id, object)) return;
    if (!isCoreV1(object.value)) this.#addResource(id, object);
    else if (object.value.kind === 'Secret') this.#addSecret(id, object, object.value);
    else this.#addNamespace(id, object);
  }

  result(): Loaded {
    return {
      resources: this.#resources,
      secrets: this.#secrets,
      namespaces: this.#namespaces,
      problems: this.#problems,
      faulty: this.#faulty,
      foreign: this.#foreign,
      where: (resource, path = []) => {
        const object = this.#places.get(resource);
        return object ? placeOf(object, path) : {};
      },
    };
  }

  #isDuplicate(id: string, object: FileObject): boolean {
    const first = this.#places.get(id);
    if (first === undefined) {
      this.#places.set(id, object);
      return false;
    }
    const { file, line } = placeOf(first, []);
    const message = `is defined a second time here; the first is in ${file}:${line}: remove one of them`;
    this.#problem(id, object, { path: [], message });
    return true;
  }

  #addResource(id: string | undefined, object: FileObject): void {
    this.#check(id, object, parseResource(object.value, { strict: true }));
    if (id !== undefined) this.#resources.push(object.value);
  }

  #addSecret(id: string | undefined, object: FileObject, document: object): void {
    const { value, unset } = fillSecret(document, this.#options.environment);
    if (!this.#options.assumeSecrets) {
      for (const { path, name } of unset) {
        const message = `the environment variable ${name} is not set: set it, or write \${${name}:-default}`;
        this.#problem(id, object, { path, message });
      }
    }
    const secret = this.#check(id, object, parseSecret(value, { strict: true }));
    if (secret) this.#secrets[`${secret.metadata.namespace}/${secret.metadata.name}`] = secret.data;
  }

  #addNamespace(id: string | undefined, object: FileObject): void {
    const namespace = this.#check(id, object, parseNamespace(object.value, { strict: true }));
    if (namespace) this.#namespaces[namespace.metadata.name] = namespace.metadata.labels ?? {};
  }

  #check<T>(id: string | undefined, object: FileObject, parsed: Parsed<T>): T | undefined {
    if (parsed.ok) return parsed.resource;
    for (const problem of parsed.problems) this.#problem(id, object, problem);
    return undefined;
  }

  #problem(
    id: string | undefined,
    object: FileObject,
    { path, message }: { path: Path; message: string },
  ): void {
    if (id !== undefined) this.#faulty.add(id);
    const field = formatPath(path);
    this.#problems.push({
      ...placeOf(object, path),
      ...(id !== undefined && { resource: id }),
      ...(field !== '' && { field }),
      message,
    });
  }
}

function placeOf({ file, at }: FileObject, path: Path): { file: string; line: number; column: number } {
  return { file, ...at(path) };
}

/** `Kind/namespace/name`, as far as the object says; a Namespace has no namespace. */
function identify(value: unknown): string | undefined {
  const { kind, metadata } = (value ?? {}) as { kind?: unknown; metadata?: unknown };
  const { name, namespace = 'default' } = (metadata ?? {}) as { name?: unknown; namespace?: unknown };
  if (typeof kind !== 'string' || typeof name !== 'string' || typeof namespace !== 'string') return undefined;
  return kind === 'Namespace' ? `${kind}/${name}` : `${kind}/${namespace}/${name}`;
}
