import { conditionsOf } from '../../operator/status/conditions.ts';
import type { Progress } from '../../operator/status/programming.ts';
import { statusBody } from '../../operator/status/status-body.ts';
import { readDocuments } from '../../cli/yaml/document.ts';
import { compileYaml } from '../gateway/compile-yaml.ts';

/** An object as it is in a cluster. */
export interface ClusterObject {
  kind: string;
  metadata: { name: string; namespace: string; generation: number };
  status?: object;
}

export interface Moment {
  /** How far the proxies are; default: two of two have it. */
  progress?: Partial<Progress>;
  /** Names of objects whose Secret is being made. */
  underWay?: readonly string[];
}

const NOW = Date.UTC(2026, 0, 1);
const EVERYWHERE: Progress = {
  included: true,
  ready: 2,
  programmed: 2,
  revision: '0123456789abcdef',
  settled: true,
};

/** Resources with the statuses that the operator gives them at that moment, by kind and name. */
export function inCluster(yaml: string, moment: Moment = {}): Map<string, ClusterObject> {
  const read = readDocuments(yaml);
  if (!read.ok) throw new Error(read.message);
  const { config, statuses } = compileYaml(yaml);
  const sections = [config.credentials, config.aliases, config.callers, config.policies];
  const isServed = (id: string): boolean => sections.some((section) => Object.hasOwn(section, id));
  const objects = read.documents.map(({ value }) => value as ClusterObject);
  const found = statuses.map(({ kind, namespace, name, conditions }): [string, ClusterObject] => {
    const object = objects.find((one) => one.kind === kind && one.metadata.name === name)!;
    const included = isServed(`${namespace}/${name}`);
    const progress = { ...EVERYWHERE, included, settled: included, ...moment.progress };
    const underWay = moment.underWay?.includes(name) ?? false;
    const judged = conditionsOf({ compiled: conditions, progress, underWay });
    const status = statusBody({}, { generation: 1, conditions: judged, progress, fields: undefined }, NOW)!;
    return [
      `${kind}/${name}`,
      { ...object, metadata: { ...object.metadata, namespace, generation: 1 }, status },
    ];
  });
  return new Map(found);
}
