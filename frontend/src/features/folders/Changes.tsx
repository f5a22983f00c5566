import { Link } from "@tanstack/react-router";
import { Activity } from "lucide-react";
import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import type { Folder, FolderChange } from "../../api";
import { baseName, parentOf } from "../../lib/folderLink";
import { clock, day, full, isSameDay } from "../../lib/time";
import { useFolderChanges } from "../../live";
import { Avatar, Button, Empty, ErrorNote, Waiting } from "../../ui";
import files from "./files.module.css";
import styles from "./view.module.css";
import { changeWords, useSpeech, when } from "./words";

/** The newest change, in one quiet line. */
export function ChangeStrip({ ws, folder }: { ws: string; folder: Folder }) {
  const { t } = useTranslation();
  const speech = useSpeech();
  const change = useFolderChanges(folder.id).data?.pages[0]?.changes[0];
  if (!change) return null;
  return (
    <div className={files.strip}>
      <Avatar id={change.personId} name={change.personName} size="xs" />
      <p><b>{change.mine ? t("folders.me") : change.personName}</b> {changeWords(change, speech)}</p>
      <time>{when(change.unixMs, speech)}</time>
      <Link to="/w/$ws/folders/$folder" params={{ ws, folder: folder.id }} search={{ view: "changes" }}>{t("folders.allChanges")}</Link>
    </div>
  );
}

/** What was changed, by whom, newest first. */
export function Changes({ ws, folder }: { ws: string; folder: Folder }) {
  const { t, i18n } = useTranslation();
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useFolderChanges(folder.id);
  const changes = data?.pages.flatMap((page) => page.changes) ?? [];
  const words = { today: t("messages.today"), yesterday: t("messages.yesterday") };
  if (error && !data) return <div className={styles.page}><ErrorNote cause={error} onRetry={() => void refetch()} /></div>;
  if (!data) return <Waiting />;
  if (changes.length === 0) return <Empty icon={<Activity />} title={t("folders.noChanges")}>{t("folders.noChangesText")}</Empty>;
  return (
    <div className={styles.page} tabIndex={0} role="region" aria-label={t("folders.view.changes")}>
      <ol className={styles.changes}>
        {changes.map((change, index) => {
          const before = changes[index - 1];
          return (
            <Fragment key={change.cursor}>
              {(!before || !isSameDay(Number(before.unixMs), Number(change.unixMs))) && <li className={styles.day}>{day(Number(change.unixMs), Date.now(), i18n.language, words)}</li>}
              <li><Change ws={ws} folder={folder} change={change} /></li>
            </Fragment>
          );
        })}
      </ol>
      {hasNextPage && <Button className={styles.centre} busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>{t("folders.earlier")}</Button>}
    </div>
  );
}

function Change({ ws, folder, change }: { ws: string; folder: Folder; change: FolderChange }) {
  const { t, i18n } = useTranslation();
  const words = changeWords(change, useSpeech());
  const inside = parentOf(change.path);
  const at = change.what.startsWith("several") ? { ...(change.path !== "" && { path: change.path }) } : { ...(inside !== "" && { path: inside }), entry: baseName(change.path) };
  return (
    <div className={styles.change}>
      <Avatar id={change.personId} name={change.personName} size="xs" />
      <p>
        <b>{change.mine ? t("folders.me") : <bdi>{change.personName}</bdi>}</b>{" "}
        {change.what === "removed" ? words : <Link to="/w/$ws/folders/$folder" params={{ ws, folder: folder.id }} search={at} title={change.path}>{words}</Link>}
      </p>
      <small title={full(Number(change.unixMs), i18n.language)}>{change.deviceName !== "" && <><bdi>{change.deviceName}</bdi> · </>}{clock(Number(change.unixMs))}</small>
    </div>
  );
}
