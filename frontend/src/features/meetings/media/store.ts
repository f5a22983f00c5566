/** A value that changes, and who wants to know. React reads it with useSyncExternalStore. */
export class Store<V extends object> {
  private readonly listeners = new Set<() => void>();

  constructor(protected view: V) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly read = (): V => this.view;

  protected set(change: Partial<V>): void {
    this.view = { ...this.view, ...change };
    for (const listener of [...this.listeners]) listener();
  }
}
