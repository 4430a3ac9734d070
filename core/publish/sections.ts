import * as z from 'zod';
import { Config } from '../config/config.ts';

const { version: _version, revision: _revision, ...CONTENT } = Config.shape;

type Content = typeof CONTENT;
type Section = { [K in keyof Content]: Content[K] extends z.ZodRecord ? K : never }[keyof Content];

const NAMES = Object.keys(CONTENT).toSorted() as (keyof Content)[];

/** Records of a configuration, which are cut by the ids of their entries. Sorted. */
export const SECTIONS = NAMES.filter((name): name is Section => CONTENT[name] instanceof z.ZodRecord);

/** Whatever else a configuration has; each goes into one shard as a whole. Sorted. */
export const SETTINGS: readonly string[] = NAMES.filter(
  (name) => !(SECTIONS as readonly string[]).includes(name),
);
