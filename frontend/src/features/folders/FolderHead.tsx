import { useMutation } from "@tanstack/react-query";
import { Clock, Ellipsis, FileX2, FolderOpen, HardDriveDownload, History, LogOut, Menu as MenuIcon, PanelRight, Pause, PenLine, Play, Share2, Trash2, Users } from "lucide-react";
import { useTranslation } from "react-i18next";
import { FolderMode, FolderRole, FolderState, type Folder } from "../../api";
import { useApi, useRuntime } from "../../live";
import { Button, ErrorNote, IconButton, Menu, Progress, useColumns, type MenuEntry } from "../../ui";
import type { FolderTask } from "./FolderDialogs";
import { FolderStatus } from "./FolderList";
import { folderProgress, isOffered } from "./words";
import styles from "./view.module.css";

export function FolderHead({ folder, details, onDetails, onTask }: { ws: string; folder: Folder; details: boolean; onDetails: () => void; onTask: (task: FolderTask) => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const columns = useColumns();
  const runtime = useRuntime();
  const pause = useMutation({ mutationFn: (paused: boolean) => api.folders.pauseFolder({ folderId: folder.id, paused }) });
  const reveal = useMutation({ mutationFn: () => api.folders.revealEntry({ folderId: folder.id, path: "" }) });
  const paused = folder.state === FolderState.PAUSED;
  const kept = folder.localPath !== "";
  const manages = folder.role === FolderRole.MANAGE;
  const writes = folder.role !== FolderRole.READ;
  const progress = folderProgress(folder);
  const task = (key: string, label: string, Icon: typeof Clock, todo: FolderTask, more: Partial<MenuEntry> = {}): MenuEntry => ({ key, label, icon: <Icon aria-hidden />, onSelect: () => onTask(todo), ...more });
  const entries: MenuEntry[] = [
    ...(kept && runtime.hasDesktop ? [{ key: "reveal", label: t("folders.menu.reveal"), icon: <FolderOpen aria-hidden />, onSelect: () => reveal.mutate() }] : []),
    task("keep", kept ? t("folders.menu.change") : t("folders.menu.keep"), HardDriveDownload, { kind: "keep", mode: isOffered(folder) ? FolderMode.WHOLE : folder.mode }),
    ...(manages ? [task("rename", t("folders.menu.rename"), PenLine, { kind: "rename" })] : []),
    ...(kept ? [task("retention", t("folders.menu.retention"), Clock, { kind: "retention" }), task("ignore", t("folders.menu.ignore"), FileX2, { kind: "ignore" })] : []),
    ...(writes ? [task("asof", t("folders.menu.asOf"), History, { kind: "asof", path: "" })] : []),
    task("send", t("folders.menu.link"), Share2, { kind: "send", path: "", isFolder: true }),
    ...(kept ? [task("unkeep", t("folders.menu.unkeep"), FileX2, { kind: "unkeep" }, { divided: true })] : []),
    task("leave", t("folders.menu.leave"), LogOut, { kind: "leave" }, { danger: true, ...(!kept && { divided: true }) }),
    ...(manages ? [task("stop", t("folders.menu.stop"), Trash2, { kind: "stop" }, { danger: true })] : []),
  ];
  return (
    <>
      <header className={styles.head}>
        {columns.narrow && <IconButton label={t("action.showList")} onClick={columns.openList}><MenuIcon /></IconButton>}
        <div className={styles.headText}>
          <h1 title={folder.name}><bdi>{folder.name}</bdi></h1>
          <p role="status"><FolderStatus folder={folder} brief /></p>
        </div>
        <Button className={styles.people} icon={<Users aria-hidden />} onClick={() => onTask({ kind: "members" })}>{t("folders.memberCount", { count: folder.memberCount })}</Button>
        {kept && folder.state !== FolderState.STOPPED && (
          <IconButton label={paused ? t("folders.resume") : t("folders.pause")} aria-pressed={paused} onClick={() => pause.mutate(!paused)}>{paused ? <Play /> : <Pause />}</IconButton>
        )}
        <IconButton label={t("action.details")} aria-pressed={details} onClick={onDetails}><PanelRight /></IconButton>
        <Menu label={t("folders.menu.title", { name: folder.name })} trigger={<IconButton label={t("folders.menu.title", { name: folder.name })}><Ellipsis /></IconButton>} entries={entries} />
        {progress && <span className={styles.headBar}><Progress label={t("folders.progress", { name: folder.name })} {...progress} /></span>}
      </header>
      {(pause.error ?? reveal.error) && <div className={styles.notes}><ErrorNote cause={pause.error ?? reveal.error} /></div>}
    </>
  );
}
