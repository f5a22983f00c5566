/**
 * How long a story waits for what must come, in ms. It is there for what never comes: a machine with other work on it takes its time, and
 * how fast something is belongs to the benchmarks.
 */
export const PATIENCE = 120_000;
