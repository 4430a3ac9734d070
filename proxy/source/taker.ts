import type { Gateway } from '../gateway.ts';

/** What a source of configurations needs of the gateway. */
export type Taker = Pick<Gateway, 'log' | 'use' | 'refused' | 'describeSource'>;
