import { KINDS } from '../../core/resources/kinds.ts';
import { chartValuesSchema } from './chart-values.ts';
import { crdPath, crdYaml } from './crd-yaml.ts';
import { errorsPage } from './errors-page.ts';
import { resourcesPage } from './resources-page.ts';

/** Every generated file, by its path from the root of the repository. */
export function generatedFiles(): ReadonlyMap<string, string> {
  return new Map([
    ...KINDS.map((definition) => [crdPath(definition), crdYaml(definition)] as const),
    ...KINDS.map(
      (definition) => [`helm/modelgate/files/${crdPath(definition)}`, crdYaml(definition)] as const,
    ),
    ['helm/modelgate/values.schema.json', chartValuesSchema()],
    ['docs/resources.md', resourcesPage()],
    ['docs/errors.md', errorsPage()],
  ]);
}
