import type { LabelSelector } from '../resources/references.ts';

/** Whether labels satisfy a selector: all of its pairs; one without pairs takes every object. */
export function selects({ matchLabels }: LabelSelector, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(matchLabels).every(([name, value]) => labels[name] === value);
}
