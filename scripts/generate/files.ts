import { KINDS } from '../../core/resources/kinds.ts';
import { crdPath, crdYaml } from './crd-yaml.ts';
import { errorsPage } from './errors-page.ts';
import { resourcesPage } from './resources-page.ts';

/** Every generated file, by its path from the root of the repository. */
export function generatedFiles(): ReadonlyMap<string, string> {
  return new Map([
    ...KINDS.map((definition) => [crdPath(definition), crdYaml(definition)] as const),
    ['docs/resources.md', resourcesPage()],
    ['docs/errors.md', errorsPage()],
  ]);
}
