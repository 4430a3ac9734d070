import { load, type Loaded } from '../yaml/load.ts';

/** Where resources come from. */
export interface Source {
  /** As `/status` shows it. */
  description: string;
  /** What is watched for changes. */
  paths: readonly string[];
  load(): Promise<Loaded>;
  /** Things worth saying at the start. */
  remarks: readonly string[];
}

export function fileSource(paths: readonly string[]): Source {
  return {
    description: `files ${paths.join(', ')}`,
    paths,
    load: () => load(paths, { environment: process.env }),
    remarks: [],
  };
}
