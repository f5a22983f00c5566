import { Link } from "@tanstack/react-router";
import { GitCompareArrows, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { FolderState, type Entry, type Folder } from "../../api";
import type { FolderPlace } from "../../lib/routes";
import { whole } from "../../lib/number";
import { ErrorNote, InfoNote } from "../../ui";
import { Bin } from "./Bin";
import { Changes } from "./Changes";
import { Conflicts } from "./Conflicts";
import { Files } from "./Files";
import type { FolderTask } from "./FolderDialogs";
import { FolderHead } from "./FolderHead";
import { OfferCard } from "./OfferCard";
import { isOffered } from "./words";
import { Problems } from "./Problems";
import type { EntryDeeds } from "./useEntryDeeds";
import { decline, wasDeclined } from "./offers";
import styles from "./view.module.css";

export function FolderView({ ws, folder, place, entry, onEntry, details, onDetails, deeds, onTask }: {
  ws: string;
  folder: Folder;
  place: FolderPlace;
  entry: Entry | null;
  onEntry: (entry: Entry | null) => void;
  details: boolean;
  onDetails: (open?: boolean) => void;
  deeds: EntryDeeds;
  onTask: (task: FolderTask | null) => void;
}) {
  const [declined, setDeclined] = useState(() => wasDeclined(folder.id));
  return (
    <>
      <FolderHead ws={ws} folder={folder} details={details} onDetails={() => onDetails()} onTask={onTask} />
      {isOffered(folder) && !declined && place.view === undefined && (
        <OfferCard
          folder={folder} onKeep={(mode) => onTask({ kind: "keep", mode })}
          onListed={() => {
            decline(folder.id);
            setDeclined(true);
          }}
        />
      )}
      <Notes folder={folder} onTask={onTask} />
      {deeds.error !== null && <div className={styles.notes}><ErrorNote cause={deeds.error} onRetry={undefined} /></div>}
      <Views ws={ws} folder={folder} place={place} />
      {place.view === "changes" ? <Changes ws={ws} folder={folder} />
        : place.view === "conflicts" ? <Conflicts folder={folder} />
          : place.view === "problems" ? <Problems ws={ws} folder={folder} onTask={onTask} />
            : place.view === "bin" ? <Bin folder={folder} onTask={onTask} />
              : <Files key={place.path ?? ""} ws={ws} folder={folder} path={place.path ?? ""} entry={entry} onEntry={onEntry} onOpen={() => onDetails(true)} deeds={deeds} />}
    </>
  );
}

/** What somebody should know, with what it means and what to do. */
function Notes({ folder, onTask }: { folder: Folder; onTask: (task: FolderTask) => void }) {
  const { t, i18n } = useTranslation();
  const number = (value: bigint) => whole(value, i18n.language);
  if (!folder.watchLimited && folder.state !== FolderState.STOPPED) return null;
  return (
    <div className={styles.notes}>
      {folder.state === FolderState.STOPPED && (
        <ErrorNote problem={{ code: folder.errorCode, params: {} }} onRetry={folder.errorCode.startsWith("folder_") ? () => onTask({ kind: "keep", mode: folder.mode }) : undefined} retry={t("folders.placeAgain")} />
      )}
      {folder.watchLimited && (
        <InfoNote tone="warn">
          {t("folders.watch.text", { needed: number(folder.watchNeeded), limit: number(folder.watchLimit), count: folder.pollSeconds })}
          <details className={styles.more}><summary>{t("folders.watch.more")}</summary><p>{t("folders.watch.todo")}</p><code dir="ltr">sudo sysctl -w fs.inotify.max_user_watches=524288</code></details>
        </InfoNote>
      )}
    </div>
  );
}

const VIEWS = [undefined, "changes", "conflicts", "problems", "bin"] as const;

function Views({ ws, folder, place }: { ws: string; folder: Folder; place: FolderPlace }) {
  const { t } = useTranslation();
  const counts = { conflicts: folder.conflicts, problems: folder.problems };
  // Conflicts and problems have a place only when there are some; what is looked at never disappears under one's eyes.
  const shown = VIEWS.filter((view) => view === place.view || (view !== "conflicts" && view !== "problems") || counts[view] > 0);
  return (
    <nav className={styles.views} aria-label={t("folders.views")}>
      {shown.map((view) => (
        <Link
          key={view ?? "files"} to="/w/$ws/folders/$folder" params={{ ws, folder: folder.id }} search={view ? { view } : {}}
          className={styles.view} aria-current={view === place.view ? "page" : undefined} activeOptions={{ exact: true, includeSearch: true }}
        >
          {view === "conflicts" && <GitCompareArrows aria-hidden />}
          {view === "problems" && <TriangleAlert aria-hidden />}
          {t(`folders.view.${view ?? "files"}`)}
          {(view === "conflicts" || view === "problems") && counts[view] > 0 && <b>{counts[view]}</b>}
        </Link>
      ))}
    </nav>
  );
}
