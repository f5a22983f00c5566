/** What was, what is, and what was taken back. */
export interface History<T> {
  readonly past: readonly T[];
  readonly now: T;
  readonly future: readonly T[];
  /** Steps of one kind that follow each other are one: a field that is moved key by key goes back at once. */
  readonly kind: string;
}

const MOST = 100;

export function begin<T>(now: T): History<T> {
  return { past: [], now, future: [], kind: "" };
}

/** A step forward; "" is never joined to the one before. */
export function push<T>(history: History<T>, now: T, kind = ""): History<T> {
  if (kind !== "" && kind === history.kind && history.past.length > 0) return { ...history, now, future: [] };
  return { past: [...history.past, history.now].slice(-MOST), now, future: [], kind };
}

export function undo<T>(history: History<T>): History<T> {
  const before = history.past.at(-1);
  if (history.past.length === 0) return history;
  return { past: history.past.slice(0, -1), now: before as T, future: [history.now, ...history.future], kind: "" };
}

export function redo<T>(history: History<T>): History<T> {
  const [next, ...future] = history.future;
  if (history.future.length === 0) return history;
  return { past: [...history.past, history.now], now: next as T, future, kind: "" };
}
