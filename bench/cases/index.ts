import type { Case } from './case.ts';
import { growthCases } from './growth.ts';
import { latencyCase } from './latency.ts';
import { memoryCase } from './memory.ts';
import { startCase } from './start.ts';
import { swapCase } from './swap.ts';
import { throughputCases } from './throughput.ts';

export const CASES: readonly Case[] = [
  ...throughputCases,
  ...growthCases,
  latencyCase,
  swapCase,
  memoryCase,
  startCase,
];
