import { Link } from "@tanstack/react-router";
import { CircleCheck, CircleDashed, CirclePause, FolderPlus, GitCompareArrows, OctagonX, RefreshCw, TriangleAlert } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { FolderState, type Folder } from "../../api";
import { useFolders } from "../../live";
import { cx, ErrorNote, FileIcon, IconButton, Progress, SkeletonRows, useColumns } from "../../ui";
import styles from "./list.module.css";
import { compareNames } from "./sort";
import { folderProgress, folderWords, isOffered, useSpeech, type Tone } from "./words";
import { wasDeclined } from "./offers";

const ICONS: Record<Tone, typeof CircleCheck> = { good: CircleCheck, busy: RefreshCw, idle: CircleDashed, warn: TriangleAlert, bad: OctagonX };

/** With `brief` the reason stands elsewhere. */
export function FolderStatus({ folder, brief }: { folder: Folder; brief?: boolean }) {
  const { t } = useTranslation();
  const { tone, text: whole } = folderWords(folder, useSpeech());
  const text = brief && folder.active && folder.state === FolderState.STOPPED ? t("folders.state.stoppedBrief") : whole;
  const Icon = folder.state === FolderState.PAUSED || folder.state === FolderState.HELD ? CirclePause : ICONS[tone];
  return <span className={cx(styles.status, styles[tone])} title={text}><Icon aria-hidden /><span>{text}</span></span>;
}

export function FolderList({ ws, chosen, onShare }: { ws: string; chosen: string | undefined; onShare: (() => void) | undefined }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useFolders(ws);
  // What needs somebody stands first, then everything by name.
  const shown = useMemo(() => {
    const rank = (folder: Folder) => (isOffered(folder) && !wasDeclined(folder.id) ? 0 : 1);
    return [...(data ?? [])].sort((a, b) => rank(a) - rank(b) || compareNames(a.name, b.name));
  }, [data]);
  return (
    <>
      <header className={styles.head}>
        <h2>{t("folders.list")}</h2>
        {onShare && <IconButton label={t("folders.share")} onClick={onShare}><FolderPlus /></IconButton>}
      </header>
      {error && !data && <div className={styles.note}><ErrorNote cause={error} onRetry={() => void refetch()} /></div>}
      {!data && !error && <SkeletonRows count={4} />}
      {data?.length === 0 && <p className={styles.none}>{t("folders.none")}</p>}
      <ul className={styles.rows} aria-label={t("folders.list")}>
        {shown.map((folder) => <li key={folder.id}><FolderRow ws={ws} folder={folder} chosen={folder.id === chosen} /></li>)}
      </ul>
    </>
  );
}

function FolderRow({ ws, folder, chosen }: { ws: string; folder: Folder; chosen: boolean }) {
  const { t } = useTranslation();
  const { closeList } = useColumns();
  const progress = folderProgress(folder);
  const offered = isOffered(folder) && !wasDeclined(folder.id);
  return (
    <Link to="/w/$ws/folders/$folder" params={{ ws, folder: folder.id }} search={{}} className={styles.row} aria-current={chosen ? "true" : undefined} onClick={closeList}>
      <FileIcon name={folder.name} kind="folder" />
      <span className={styles.words}>
        <span className={styles.name}><bdi>{folder.name}</bdi>{offered && <em>{t("folders.new")}</em>}</span>
        <FolderStatus folder={folder} />
        {progress && <Progress label={t("folders.progress", { name: folder.name })} {...progress} />}
        {folder.conflicts + folder.problems > 0 && (
          <span className={styles.counts}>
            {folder.conflicts > 0 && <span className={styles.count}><GitCompareArrows aria-hidden />{t("folders.conflictCount", { count: folder.conflicts })}</span>}
            {folder.problems > 0 && <span className={styles.count}><TriangleAlert aria-hidden />{t("folders.problemCount", { count: folder.problems })}</span>}
          </span>
        )}
      </span>
    </Link>
  );
}
