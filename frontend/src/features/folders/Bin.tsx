import { useMutation } from "@tanstack/react-query";
import { Eye, RotateCcw, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { FolderRole, type Folder, type Version } from "../../api";
import { baseName, parentOf } from "../../lib/folderLink";
import { size } from "../../lib/size";
import { useApi, useBin } from "../../live";
import { Button, Dialog, Empty, ErrorNote, FileIcon, IconButton, Waiting } from "../../ui";
import type { FolderTask } from "./FolderDialogs";
import { Preview } from "./Preview";
import styles from "./view.module.css";
import { useSpeech, when } from "./words";

/** Deleted files that can be had back. */
export function Bin({ folder, onTask }: { folder: Folder; onTask: (task: FolderTask) => void }) {
  const { t, i18n } = useTranslation();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useBin(folder.id);
  const removed = data?.pages.flatMap((page) => page.removed) ?? [];
  const writes = folder.role !== FolderRole.READ;
  if (error && !data) return <div className={styles.page}><ErrorNote cause={error} onRetry={() => void refetch()} /></div>;
  if (!data) return <Waiting />;
  // Who keeps nothing here has no rules for it either.
  const kept = folder.localPath !== "";
  const keeps = kept ? t("folders.retention.days", { count: folder.keepDays }) : "";
  if (removed.length === 0) return <Empty icon={<Trash2 />} title={t("folders.bin.empty")} action={kept ? <Button onClick={() => onTask({ kind: "retention" })}>{t("folders.retention.change")}</Button> : undefined}>{keeps}</Empty>;
  return (
    <div className={styles.page} tabIndex={0} role="region" aria-label={t("folders.view.bin")}>
      <div className={styles.item}>
        <p className={styles.itemWords}>{keeps}{keeps !== "" && i18n.language !== "zh" && " "}{t("folders.retention.now", { size: size(Number(data.pages[0]?.bytes ?? 0n)) })}</p>
        {writes && <Button onClick={() => onTask({ kind: "asof", path: "" })}>{t("folders.menu.asOf")}</Button>}
        {kept && <Button kind="quiet" onClick={() => onTask({ kind: "retention" })}>{t("folders.retention.change")}</Button>}
      </div>
      {removed.map((version) => <Removed key={`${version.path}/${version.id}`} folder={folder} version={version} writes={writes} />)}
      {hasNextPage && <Button className={styles.centre} busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>{t("folders.earlier")}</Button>}
    </div>
  );
}

function Removed({ folder, version, writes }: { folder: Folder; version: Version; writes: boolean }) {
  const { t } = useTranslation();
  const api = useApi();
  const speech = useSpeech();
  const [looking, setLooking] = useState(false);
  const restore = useMutation({ mutationFn: () => api.folders.restoreVersion({ folderId: folder.id, path: version.path, versionId: version.id }) });
  const name = baseName(version.path);
  const inside = parentOf(version.path);
  return (
    <article className={styles.item} aria-label={name}>
      <FileIcon name={name} />
      <div className={styles.itemWords}>
        <p><b><bdi>{name}</bdi></b></p>
        <small>{inside !== "" && <><bdi>{inside}</bdi> · </>}{size(Number(version.size))} · {t("folders.bin.last", { person: version.personName, time: when(version.unixMs, speech) })}{!version.here && <> · {t("folders.versions.elsewhere")}</>}</small>
        {restore.error && <ErrorNote cause={restore.error} />}
      </div>
      {version.contentPath !== "" && <IconButton label={t("folders.bin.look", { name })} onClick={() => setLooking(true)}><Eye /></IconButton>}
      {writes && <Button icon={<RotateCcw aria-hidden />} busy={restore.isPending} onClick={() => restore.mutate()}>{t("folders.bin.restore")}</Button>}
      {looking && <Dialog open onClose={() => setLooking(false)} title={name} size="lg"><Preview large shown={{ name, contentPath: version.contentPath, preview: version.preview, stamp: version.id }} /></Dialog>}
    </article>
  );
}
