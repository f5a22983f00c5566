import { ChevronRight, FolderSearch, Search, X } from "lucide-react";
import { Link } from "@tanstack/react-router";
import { useDeferredValue, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { EntryKind, type Entry, type Folder } from "../../api";
import { parentOf } from "../../lib/folderLink";
import { match } from "../../lib/match";
import { whole } from "../../lib/number";
import { useGo } from "../../lib/routes";
import { useEntries, useFindEntries } from "../../live";
import { Empty, ErrorNote, IconButton, SkeletonRows } from "../../ui";
import { ChangeStrip } from "./Changes";
import { EntryRows } from "./EntryRows";
import styles from "./files.module.css";
import { sortEntries, type Sorting } from "./sort";
import { SortHead } from "./SortHead";
import { TransferStrip } from "./TransferStrip";
import type { EntryDeeds } from "./useEntryDeeds";

/** What lies in one folder: crumbs, filter, rows, and what happens just now. */
export function Files({ ws, folder, path, entry, onEntry, onOpen, deeds }: {
  ws: string;
  folder: Folder;
  path: string;
  entry: Entry | null;
  onEntry: (entry: Entry | null) => void;
  onOpen: () => void;
  deeds: EntryDeeds;
}) {
  const { t, i18n } = useTranslation();
  const go = useGo();
  const [query, setQuery] = useState("");
  const [sorting, setSorting] = useState<Sorting>({ key: "name", down: false });
  const field = useRef<HTMLInputElement>(null);
  const rows = useRef<{ focus(): void }>(null);
  const { data, error, refetch } = useEntries(folder.id, path);
  const wanted = useDeferredValue(query.trim());
  const { data: elsewhere, isPlaceholderData: isOld, isError } = useFindEntries(folder.id, wanted);
  // That nothing matches is known once the answer to this very text is there.
  const isFresh = wanted === "" || isError || (elsewhere !== undefined && !isOld);
  const sorted = useMemo(() => sortEntries(data?.entries ?? [], sorting), [data, sorting]);
  const shown = useMemo(() => {
    if (wanted === "") return sorted;
    const here = sorted.filter((candidate) => match(candidate.name, wanted));
    const known = new Set(here.map((candidate) => candidate.path));
    // What lies in other folders follows what lies here.
    return [...here, ...(elsewhere?.entries ?? []).filter((candidate) => !known.has(candidate.path) && (!isOld || match(candidate.name, wanted)))];
  }, [sorted, elsewhere, isOld, wanted]);

  const open = (next: Entry) => {
    if (next.kind === EntryKind.FOLDER) return go.folder(ws, folder.id, { path: next.path });
    onEntry(next);
    onOpen();
  };
  const up = () => {
    if (path === "") return;
    const parent = parentOf(path);
    go.folder(ws, folder.id, { ...(parent !== "" && { path: parent }), entry: path.slice(path.lastIndexOf("/") + 1) });
  };
  const leaveField = () => {
    setQuery("");
    rows.current?.focus();
  };

  return (
    <div className={styles.files}>
      <div className={styles.bar}>
        <Crumbs ws={ws} folder={folder} path={path} />
        <div className={styles.filter} role="search">
          <Search aria-hidden />
          <input
            ref={field} type="text" value={query} placeholder={t("folders.filter")} aria-label={t("folders.filter")} aria-keyshortcuts="/" spellCheck={false} autoComplete="off"
            onChange={(event) => setQuery(event.target.value)}
            onKeyDown={(event) => {
              if (event.nativeEvent.isComposing) return;
              if (event.key === "Escape") leaveField();
              else if (event.key === "ArrowDown" || event.key === "Enter") {
                event.preventDefault();
                rows.current?.focus();
              }
            }}
          />
          {query !== "" && <IconButton label={t("folders.clearFilter")} onClick={leaveField}><X /></IconButton>}
        </div>
      </div>
      {error && !data ? <div className={styles.note}><ErrorNote cause={error} onRetry={() => void refetch()} /></div>
        : !data ? <SkeletonRows count={6} />
          : shown.length === 0 ? isFresh && (
            <Empty icon={<FolderSearch />} title={wanted === "" ? t("folders.emptyHere") : t("folders.noMatch", { query: wanted })}>
              {wanted !== "" ? t("folders.noMatchText") : path === "" ? t("folders.emptyHereText") : undefined}
            </Empty>
          ) : (
            <>
              <SortHead sorting={sorting} onSorting={setSorting} />
              <EntryRows
                // Another place begins at its top.
                key={path} ref={rows} folder={folder} path={path} entries={shown} chosen={entry} query={wanted} deeds={deeds}
                onChoose={onEntry} onOpen={open} onUp={up} onFilter={() => field.current?.focus()}
              />
            </>
          )}
      {data && (
        <p className={styles.count} role="status">
          {wanted !== "" ? isFresh && t("folders.found", { count: shown.length, n: whole(shown.length, i18n.language) })
            : data.hasMore ? t("folders.firstOf", { n: whole(data.entries.length, i18n.language), all: whole(data.total, i18n.language) })
              : t("folders.items", { count: data.entries.length, n: whole(data.entries.length, i18n.language) })}
        </p>
      )}
      <TransferStrip folder={folder} />
      <ChangeStrip ws={ws} folder={folder} />
    </div>
  );
}

function Crumbs({ ws, folder, path }: { ws: string; folder: Folder; path: string }) {
  const { t } = useTranslation();
  const parts = path === "" ? [] : path.split("/");
  const crumb = (name: string, to: string, last: boolean) => (
    <li key={to}>
      {to !== "" && <ChevronRight aria-hidden />}
      <Link to="/w/$ws/folders/$folder" params={{ ws, folder: folder.id }} search={to === "" ? {} : { path: to }} aria-current={last ? "page" : undefined} activeOptions={{ exact: true, includeSearch: true }} title={name}><bdi>{name}</bdi></Link>
    </li>
  );
  return (
    <nav className={styles.crumbs} aria-label={t("folders.crumbs")}>
      <ol>
        {crumb(folder.name, "", parts.length === 0)}
        {parts.map((part, index) => crumb(part, parts.slice(0, index + 1).join("/"), index === parts.length - 1))}
      </ol>
    </nav>
  );
}
