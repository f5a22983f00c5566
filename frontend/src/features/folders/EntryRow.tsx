import { ArrowDownToLine, CircleCheck, CircleDashed, Clock, Download, Ellipsis, GitCompareArrows, PencilLine, TriangleAlert } from "lucide-react";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { EntryKind, EntryState, type Entry } from "../../api";
import { parentOf } from "../../lib/folderLink";
import { whole } from "../../lib/number";
import { size } from "../../lib/size";
import { full } from "../../lib/time";
import { cx, FileIcon, Highlight } from "../../ui";
import styles from "./files.module.css";
import { entryWords, useSpeech, when } from "./words";

const ICONS: Partial<Record<EntryState, typeof Clock>> = {
  [EntryState.HERE]: CircleCheck, [EntryState.FETCHING]: ArrowDownToLine, [EntryState.WAITING]: Clock, [EntryState.LISTED]: CircleDashed,
  [EntryState.CHANGED_HERE]: PencilLine, [EntryState.PROBLEM]: TriangleAlert,
};

/** Where an entry is, as a sign and in words. */
export function EntryStatus({ entry }: { entry: Entry }) {
  const { tone, text } = entryWords(entry, useSpeech());
  const Icon = ICONS[entry.state];
  return <span className={cx(styles.status, styles[tone])} title={text}>{Icon && <Icon aria-hidden />}<span>{text}</span></span>;
}

export const kindOf = (entry: Entry) => (entry.kind === EntryKind.FOLDER ? "folder" : entry.kind === EntryKind.LINK ? "link" : undefined);

/** Too long a name is cut in its middle: its end says what it is. */
function Name({ name }: { name: string }) {
  const letters = [...name];
  const cut = letters.length > 12 ? letters.length - 7 : letters.length;
  return <bdi className={styles.whole}><span>{letters.slice(0, cut).join("")}</span><span>{letters.slice(cut).join("")}</span></bdi>;
}

interface Props {
  id: string;
  index: number;
  entry: Entry;
  /** The folder that is shown; what lies elsewhere says where. */
  path: string;
  chosen: boolean;
  query: string;
  canFetch: boolean;
  onChoose: (entry: Entry) => void;
  onOpen: (entry: Entry) => void;
  onFetch: (entry: Entry) => void;
  onMenu: (anchor: { getBoundingClientRect(): DOMRect }) => void;
}

export const EntryRow = memo(function EntryRow({ id, index, entry, path, chosen, query, canFetch, onChoose, onOpen, onFetch, onMenu }: Props) {
  const { t } = useTranslation();
  const speech = useSpeech();
  const folder = entry.kind === EntryKind.FOLDER;
  const place = parentOf(entry.path);
  // The grid holds the focus; buttons in rows are for the pointer, and the menu has the same by keyboard.
  const pointer = { type: "button", tabIndex: -1 } as const;
  return (
    <div
      id={id} role="row" aria-rowindex={index + 1} aria-selected={chosen} className={cx(styles.columns, styles.row)} data-conflict={entry.isConflict ? "" : undefined}
      onClick={() => onChoose(entry)} onDoubleClick={() => onOpen(entry)}
      onContextMenu={(event) => {
        event.preventDefault();
        onChoose(entry);
        const point = new DOMRect(event.clientX, event.clientY, 0, 0);
        onMenu({ getBoundingClientRect: () => point });
      }}
    >
      <span role="gridcell" className={styles.name}>
        <FileIcon name={entry.name} kind={kindOf(entry)} small />
        <span className={styles.title} title={entry.name} onClick={() => folder && onOpen(entry)} data-goes={folder ? "" : undefined}>
          {query === "" ? <Name name={entry.name} /> : <Highlight text={entry.name} query={query} />}
          {place !== path && <small><bdi>{place === "" ? "/" : place}</bdi></small>}
        </span>
        {entry.isConflict && <span className={styles.conflict} title={t("folders.conflictCopy")}><GitCompareArrows aria-label={t("folders.conflictCopy")} /><span aria-hidden>{t("folders.conflictCopy")}</span></span>}
      </span>
      <span role="gridcell" className={styles.size}>{size(Number(entry.size))}{folder && <small>{t("folders.entry.files", { count: Number(entry.files), n: whole(entry.files, speech.language) })}</small>}</span>
      <span role="gridcell" className={styles.changed} title={full(Number(entry.changedUnixMs), speech.language)}><bdi>{entry.changedBy}</bdi><time>{when(entry.changedUnixMs, speech)}</time></span>
      <span role="gridcell" className={styles.state}>
        <EntryStatus entry={entry} />
        {canFetch && <button {...pointer} className={styles.fetch} aria-label={t("folders.fetchName", { name: entry.name })} title={t("folders.deed.fetch")} onClick={(event) => {
          event.stopPropagation();
          onFetch(entry);
        }}><Download aria-hidden /></button>}
        <button {...pointer} className={styles.more} aria-label={t("folders.menu.title", { name: entry.name })} aria-haspopup="menu" onClick={(event) => {
          event.stopPropagation();
          onChoose(entry);
          onMenu(event.currentTarget);
        }}><Ellipsis aria-hidden /></button>
      </span>
    </div>
  );
}, (before, after) => before.entry === after.entry && before.chosen === after.chosen && before.query === after.query && before.canFetch === after.canFetch && before.id === after.id && before.path === after.path && before.onOpen === after.onOpen);
