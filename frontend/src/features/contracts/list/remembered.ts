import { useSyncExternalStore } from "react";
import { ContractBox } from "../../../api";
import type { ContractsFilter } from "../../../live";

// What one looks at in the list stays while one goes from a contract to the next.
let filter: ContractsFilter = { box: ContractBox.UNSPECIFIED, query: "", tag: "" };
const listeners = new Set<() => void>();

export function setFilter(next: Partial<ContractsFilter>): void {
  filter = { ...filter, ...next };
  for (const listener of listeners) listener();
}

export function useFilter(): ContractsFilter {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, () => filter);
}
