import * as z from 'zod';
import { Config } from '../config/config.ts';

const { version: _version, revision: _revision, ...CONTENT } = Config.shape;

const NAMES = Object.keys(CONTENT).toSorted() as (keyof typeof CONTENT)[];

/** Records of a configuration, which are cut by the ids of their entries. Sorted. */
export const SECTIONS = NAMES.filter((name) => CONTENT[name] instanceof z.ZodRecord);

/** Whatever else a configuration has; each goes into one shard as a whole. Sorted. */
export const SETTINGS: readonly string[] = NAMES.filter((name) => !SECTIONS.includes(name));
