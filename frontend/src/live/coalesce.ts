/** Collects topics and hands them over together, at most once per frame: a burst of messages asks once. */
export function coalesce(
  deliver: (topics: ReadonlySet<string>) => void,
  schedule: (run: () => void) => void = (run) => setTimeout(run, 16),
): (topics: readonly string[]) => void {
  let waiting: Set<string> | null = null;
  return (topics) => {
    if (topics.length === 0) return;
    if (waiting) {
      for (const topic of topics) waiting.add(topic);
      return;
    }
    waiting = new Set(topics);
    schedule(() => {
      const ready = waiting!;
      waiting = null;
      deliver(ready);
    });
  };
}
