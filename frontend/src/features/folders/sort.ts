import { EntryKind, type Entry } from "../../api";
import { match } from "../../lib/match";

export type SortKey = "name" | "size" | "changed" | "state";

export interface Sorting {
  readonly key: SortKey;
  readonly down: boolean;
}

/** Chinese by pinyin, numbers by their value: 报价单 2 stands before 报价单 10. */
const collator = new Intl.Collator("zh-CN-u-co-pinyin", { numeric: true, sensitivity: "base" });
const stem = (name: string) => name.replace(/(?<=.)\.[^.]{1,8}$/, "");
/** What a file is called counts before what it is: 报价单.xlsx stands before 报价单 2.xlsx. */
export const compareNames = (a: string, b: string) => collator.compare(stem(a), stem(b)) || collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);

const compare = (a: bigint | number, b: bigint | number) => (a < b ? -1 : a > b ? 1 : 0);
const KEYS: Record<SortKey, (a: Entry, b: Entry) => number> = {
  name: () => 0,
  size: (a, b) => compare(a.size, b.size),
  changed: (a, b) => compare(a.changedUnixMs, b.changedUnixMs),
  state: (a, b) => compare(b.state, a.state),
};

/** Folders first, whichever way the rest runs. */
export function sortEntries(entries: readonly Entry[], { key, down }: Sorting): Entry[] {
  const way = down ? -1 : 1;
  return [...entries].sort((a, b) =>
    compare(b.kind === EntryKind.FOLDER ? 1 : 0, a.kind === EntryKind.FOLDER ? 1 : 0) || way * KEYS[key](a, b) || (key === "name" ? way : 1) * compareNames(a.name, b.name));
}

/** The next entry, from `after` on and around, whose name begins with what was typed: in letters, pinyin or initials. */
export function typeAhead(entries: readonly Entry[], typed: string, after: number): number {
  for (let step = 0; step < entries.length; step++) {
    const index = (after + step) % entries.length;
    if (match(entries[index]!.name, typed)?.[0] === 0) return index;
  }
  return -1;
}
