import { Archive, ChevronLeft, ChevronRight, UserPlus, X } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useQueryClient } from "@tanstack/react-query";
import type { Conversation } from "../../api";
import { useConversations, useWorkspace } from "../../live";
import { Button, ErrorNote, IconButton, Segmented, SkeletonRows } from "../../ui";
import { ConversationRows } from "./ConversationRows";
import styles from "./list.module.css";
import { NewCircle } from "./NewCircle";
import { isArchived, nextUnmuting, passes, type Filter } from "./shelf";
import { useGrowing } from "./useGrowing";
import { useShelf, type Shelf } from "./useShelf";

export function ConversationList({ ws, chosen, onNewGroup }: { ws: string; chosen: string | undefined; onNewGroup: () => void }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useConversations(ws);
  const active = useWorkspace(ws)?.active ?? false;
  const [filter, setFilter] = useState<Filter>("all");
  const [inArchive, setInArchive] = useState(false);
  const shelf = useShelf(data ?? []);
  useUnmuting(data ?? []);
  const archived = data?.filter(isArchived) ?? [];
  const archive = inArchive && archived.length > 0;
  // What one reads stays while it is read.
  const rows = archive ? archived : data?.filter((one) => passes(one, filter) || (one.id === chosen && !isArchived(one))) ?? [];
  const { most, more, end } = useGrowing(rows.length, archive ? "archive" : filter);
  return (
    <>
      <header className={styles.head}>
        {archive ? (
          <>
            <IconButton label={t("shelf.back")} onClick={() => setInArchive(false)}><ChevronLeft /></IconButton>
            <h2 className={styles.archiveTitle}>{t("shelf.archived")}</h2>
          </>
        ) : (
          <>
            <h2>{t("messages.list")}</h2>
            {active && <NewCircle ws={ws} />}
            {active && <IconButton label={t("messages.newGroup")} onClick={onNewGroup}><UserPlus /></IconButton>}
          </>
        )}
      </header>
      {archive ? <p className={styles.quiet}>{t("shelf.archivedHint")}</p> : (
        <div className={styles.filters}>
          <Segmented
            label={t("shelf.filter")} value={filter} onChange={setFilter}
            options={[{ value: "all", label: t("shelf.all") }, { value: "unread", label: t("shelf.unread") }, { value: "mentions", label: t("shelf.mentions") }]}
          />
        </div>
      )}
      {error && !data && <div className={styles.note}><ErrorNote cause={error} onRetry={() => void refetch()} /></div>}
      {!data && !error && <SkeletonRows />}
      <ConversationRows key={archive ? "archive" : filter} ws={ws} rows={rows.slice(0, most)} chosen={chosen} shelf={shelf} label={archive ? t("shelf.archived") : t("messages.list")} />
      {rows.length > most && <div className={styles.note} ref={end}><Button onClick={more}>{t("shelf.more", { count: rows.length - most })}</Button></div>}
      {data && rows.length === 0 && filter !== "all" && <p className={styles.quiet}>{filter === "unread" ? t("shelf.noneUnread") : t("shelf.noneMentions")}</p>}
      {!archive && filter === "all" && archived.length > 0 && (
        <button type="button" className={styles.toArchive} onClick={() => setInArchive(true)}>
          <Archive aria-hidden /><span>{t("shelf.archived")}</span><span className={styles.number}>{archived.length}</span><ChevronRight aria-hidden />
        </button>
      )}
      <Said shelf={shelf} />
    </>
  );
}

/** Nothing else tells that the time of a muted conversation is over. */
function useUnmuting(all: readonly Conversation[]): void {
  const client = useQueryClient();
  useEffect(() => {
    const left = nextUnmuting(all, Date.now());
    if (left === undefined) return;
    // Longer waits do not fit into a timer; by then something else has asked.
    const timer = setTimeout(() => void client.invalidateQueries({ queryKey: ["chat"] }), Math.min(left + 200, 86_400_000));
    return () => clearTimeout(timer);
  }, [all, client]);
}

/** What was done just now, and the way back. */
export function Said({ shelf }: { shelf: Shelf }) {
  const { t } = useTranslation();
  return (
    <div className={styles.said} role="status">
      {shelf.failed ? <ErrorNote cause={shelf.failed} /> : shelf.said && <span>{shelf.said.words}<small>{t("shelf.hereOnly")}</small></span>}
      {shelf.said && !shelf.failed && <button type="button" className={styles.undo} onClick={shelf.undo}>{t("shelf.undo")}</button>}
      {(shelf.said || shelf.failed) && <IconButton label={t("action.close")} onClick={shelf.dismiss}><X /></IconButton>}
    </div>
  );
}
