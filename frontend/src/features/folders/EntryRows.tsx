import { useEffect, useId, useImperativeHandle, useRef, useState, type KeyboardEvent, type Ref } from "react";
import { useTranslation } from "react-i18next";
import { VList, type VListHandle } from "virtua";
import type { Entry, Folder } from "../../api";
import { AnchoredMenu } from "../../ui";
import { EntryRow } from "./EntryRow";
import { entryMenu } from "./entryMenu";
import styles from "./files.module.css";
import { typeAhead } from "./sort";
import type { EntryDeeds } from "./useEntryDeeds";

const ROW = 40;
/** Letters that follow each other within this time belong together. */
const TYPING_MS = 700;

interface Props {
  ref: Ref<{ focus(): void }>;
  folder: Folder;
  path: string;
  entries: readonly Entry[];
  chosen: Entry | null;
  query: string;
  deeds: EntryDeeds;
  onChoose: (entry: Entry | null) => void;
  onOpen: (entry: Entry) => void;
  onUp: () => void;
  onFilter: () => void;
}

interface At {
  readonly entry: Entry;
  readonly anchor: { getBoundingClientRect(): DOMRect };
}

/** The rows, of which only those in sight exist. The grid keeps the focus; the arrows move within it. */
export function EntryRows({ ref, folder, path, entries, chosen, query, deeds, onChoose, onOpen, onUp, onFilter }: Props) {
  const { t } = useTranslation();
  const id = useId();
  const frame = useRef<HTMLDivElement>(null);
  // The list hands out no element of its own.
  const grid = () => frame.current?.firstElementChild as HTMLElement | null;
  const list = useRef<VListHandle>(null);
  const typed = useRef({ text: "", at: 0 });
  const [menu, setMenu] = useState<At | null>(null);
  useImperativeHandle(ref, () => ({ focus: () => grid()?.focus() }), []);
  const index = chosen ? entries.findIndex((entry) => entry.path === chosen.path) : -1;
  const opens = menu && (entries.find((entry) => entry.path === menu.entry.path) ?? menu.entry);

  // What a link or the way up names comes into sight once, when the rows are first there.
  useEffect(() => {
    if (index >= 0) list.current?.scrollToIndex(index, { align: "center" });
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  // While the rest of a long list comes, the chosen entry moves; who holds the keyboard sees it go.
  useEffect(() => {
    if (index >= 0 && document.activeElement === grid()) list.current?.scrollToIndex(index, { align: "nearest" });
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [entries]);
  const move = (to: number) => {
    const next = entries[Math.max(0, Math.min(entries.length - 1, to))];
    if (!next) return;
    onChoose(next);
    list.current?.scrollToIndex(entries.indexOf(next), { align: "nearest" });
  };
  const openMenu = (entry: Entry) => {
    const row = document.getElementById(`${id}-${entries.indexOf(entry)}`);
    if (row) setMenu({ entry, anchor: row });
  };
  const page = () => Math.max(1, Math.floor((grid()?.clientHeight ?? ROW * 10) / ROW) - 1);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || event.target !== event.currentTarget) return;
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const current = entries[index];
    const now = event.timeStamp; // when the key was pressed, however late it is heard of
    const deeds: Record<string, (() => void) | undefined> = {
      ArrowDown: plain ? () => move(index + 1) : undefined,
      ArrowUp: plain ? () => move(index < 0 ? 0 : index - 1) : event.altKey ? onUp : undefined,
      Home: () => move(0), End: () => move(entries.length - 1), PageDown: () => move(index + page()), PageUp: () => move(index - page()),
      Enter: plain ? () => current && onOpen(current) : undefined,
      Backspace: plain ? onUp : undefined,
      Escape: index >= 0 ? () => onChoose(null) : undefined,
      ContextMenu: () => current && openMenu(current),
      F10: event.shiftKey ? () => current && openMenu(current) : undefined,
      "/": plain ? onFilter : undefined,
    };
    const typing = typed.current.text !== "" && now - typed.current.at < TYPING_MS;
    if (!typing && event.key === " " && current) deeds[" "] = () => onOpen(current);
    const deed = deeds[event.key];
    if (deed) {
      event.preventDefault();
      deed();
    } else if (plain && [...event.key].length === 1) {
      const text = typing ? typed.current.text + event.key : event.key;
      typed.current = { text, at: now };
      // The same letter again goes to the next one; more letters stay where they fit.
      const found = typeAhead(entries, text, text.length > 1 ? Math.max(0, index) : index + 1);
      if (found >= 0) move(found);
      event.preventDefault();
    }
  };

  return (
    <div ref={frame} className={styles.frame}>
      <VList
        ref={list} data={entries as Entry[]} itemSize={ROW} keepMounted={index >= 0 ? [index] : []} className={styles.rows}
        role="grid" tabIndex={0} aria-label={t("folders.entries", { name: path === "" ? folder.name : path })} aria-rowcount={entries.length}
        aria-activedescendant={index >= 0 ? `${id}-${index}` : undefined} onKeyDown={onKeyDown}
        onFocus={(event) => {
          if (event.target === event.currentTarget && index < 0 && entries[0] && event.currentTarget.matches(":focus-visible")) onChoose(entries[0]);
        }}
      >
        {(entry, at) => (
          <EntryRow
            key={entry.path} id={`${id}-${at}`} index={at} entry={entry} path={path} chosen={at === index} query={query} canFetch={deeds.canFetch(entry)}
            onChoose={onChoose} onOpen={onOpen} onFetch={deeds.fetch} onMenu={(anchor) => setMenu({ entry, anchor })}
          />
        )}
      </VList>
      <AnchoredMenu
        at={menu?.anchor ?? null} back={grid} label={t("folders.menu.title", { name: opens?.name ?? "" })} onClose={() => setMenu(null)}
        entries={opens ? entryMenu(folder, opens, deeds, t, () => onOpen(opens)) : []}
      />
    </div>
  );
}
