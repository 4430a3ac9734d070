import * as yaml from 'js-yaml';
import { customResourceDefinition } from '../../core/resources/crd.ts';
import { GROUP, type KindDefinition } from '../../core/resources/kinds.ts';

/** Where the CRD of a kind lies, from the root of the repository. */
export const crdPath = ({ plural }: KindDefinition): string => `crds/${GROUP}_${plural}.yaml`;

/** The CRD of a kind as YAML. */
export function crdYaml(definition: KindDefinition): string {
  const head = '# Made from core/resources by `npm run generate`. Change it there.\n';
  return head + yaml.dump(customResourceDefinition(definition), { lineWidth: 110, noRefs: true });
}
