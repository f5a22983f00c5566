import { FolderPlus, FolderSync } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Entry, Folder } from "../../api";
import { useMedia } from "../../lib/media";
import type { FolderPlace } from "../../lib/routes";
import { useEntries, useFolders, usePulse, useWorkspace } from "../../live";
import { Button, Columns, Empty, ErrorNote, Waiting } from "../../ui";
import { EntryPanel } from "./EntryPanel";
import { FolderDialogs, type FolderTask } from "./FolderDialogs";
import { FolderList } from "./FolderList";
import { FolderPanel } from "./FolderPanel";
import { FolderView } from "./FolderView";
import { ShareDialog } from "./ShareDialog";
import { useEntryDeeds } from "./useEntryDeeds";

export function FoldersPage({ ws, folder: wanted, place }: { ws: string; folder?: string; place: FolderPlace }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useFolders(ws);
  const active = useWorkspace(ws)?.active ?? false;
  const wide = useMedia("(min-width: 1180px)");
  const [sharing, setSharing] = useState(false);
  // Null follows the width of the window until somebody decides.
  const [details, setDetails] = useState<boolean | null>(null);
  const [task, setTask] = useState<FolderTask | null>(null);
  const folder = data?.find((candidate) => candidate.id === wanted);
  const { entry, choose } = useChosen(folder, place);
  const deeds = useEntryDeeds(folder, setTask);
  usePulse(folder?.id ?? "");
  // What is compared side by side needs the width.
  const shows = details ?? ((wide && place.view !== "conflicts") || place.entry !== undefined);
  const share = active ? <Button kind="primary" icon={<FolderPlus aria-hidden />} onClick={() => setSharing(true)}>{t("folders.share")}</Button> : undefined;
  const close = () => setDetails(false);

  return (
    <Columns
      name={t("folders.list")} emptyDetail={wanted === undefined && (data?.length ?? 0) > 0}
      list={<FolderList ws={ws} chosen={wanted} onShare={active ? () => setSharing(true) : undefined} />}
      context={!folder || !shows ? undefined : entry && place.view === undefined
        ? <EntryPanel key={entry.path} folder={folder} entry={entry} deeds={deeds} onClose={close} />
        : <FolderPanel ws={ws} folder={folder} onTask={setTask} onClose={close} />}
    >
      {folder ? (
        <FolderView
          key={folder.id} ws={ws} folder={folder} place={place} entry={entry} onEntry={choose} details={shows} onDetails={(open) => setDetails(open ?? !shows)}
          deeds={deeds} onTask={setTask}
        />
      ) : error && !data ? <ErrorNote cause={error} onRetry={() => void refetch()} />
        : !data ? <Waiting />
          : data.length === 0 ? <Empty top icon={<FolderSync />} title={t("folders.emptyTitle")} action={share}>{t("folders.emptyText")}</Empty>
            : wanted !== undefined ? <Empty top icon={<FolderSync />} title={t("folders.unknownTitle")}>{t("folders.unknownText")}</Empty>
              : <Empty top icon={<FolderSync />} title={t("folders.chooseTitle")} action={share}>{t("folders.chooseText")}</Empty>}
      {folder && task && <FolderDialogs ws={ws} folder={folder} task={task} onTask={setTask} />}
      {sharing && <ShareDialog ws={ws} onClose={() => setSharing(false)} />}
    </Columns>
  );
}

/** The entry that one looks at: the one that the address names, until another is chosen. */
function useChosen(folder: Folder | undefined, place: FolderPlace) {
  const [chosen, setChosen] = useState<{ folder: string; place: FolderPlace; entry: Entry | null } | null>(null);
  const { data } = useEntries(folder?.id ?? "", place.path ?? "", folder !== undefined);
  const current = chosen && chosen.folder === folder?.id && chosen.place.path === place.path && chosen.place.entry === place.entry;
  const named = place.entry === undefined ? undefined : data?.entries.find((entry) => entry.name === place.entry);
  const last = current ? chosen.entry : (named ?? null);
  // The newest of it, while it lies in what is shown.
  const entry = last && (data?.entries.find((candidate) => candidate.path === last.path) ?? last);
  return { entry, choose: (next: Entry | null) => setChosen({ folder: folder?.id ?? "", place, entry: next }) };
}
