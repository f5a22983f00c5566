import { Link } from "@tanstack/react-router";
import { ShieldCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Folder, FolderProblem } from "../../api";
import { baseName, parentOf } from "../../lib/folderLink";
import { useFolderProblems } from "../../live";
import { Button, Empty, ErrorNote, FileIcon, useSentence, Waiting } from "../../ui";
import type { FolderTask } from "./FolderDialogs";
import styles from "./view.module.css";
import { useSpeech, when } from "./words";

/** What cannot be kept here as it is, why, and what to do. */
export function Problems({ ws, folder, onTask }: { ws: string; folder: Folder; onTask: (task: FolderTask) => void }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useFolderProblems(folder.id);
  if (error && !data) return <div className={styles.page}><ErrorNote cause={error} onRetry={() => void refetch()} /></div>;
  if (!data) return <Waiting />;
  if (data.length === 0) return <Empty icon={<ShieldCheck />} title={t("folders.noProblems")}>{t("folders.noProblemsText")}</Empty>;
  return (
    <div className={styles.page} tabIndex={0} role="region" aria-label={t("folders.view.problems")}>
      <p className={styles.lead}>{t("folders.problemsLead")}</p>
      {data.map((problem) => <ProblemRow key={`${problem.path}\n${problem.errorCode}`} ws={ws} folder={folder} problem={problem} onTask={onTask} />)}
    </div>
  );
}

/** Codes with a deed of their own; of the others the sentence itself says what to do. */
const TODO = ["entry_name", "entry_clash", "entry_link", "entry_too_long"] as const;

function ProblemRow({ ws, folder, problem, onTask }: { ws: string; folder: Folder; problem: FolderProblem; onTask: (task: FolderTask) => void }) {
  const { t, i18n } = useTranslation();
  const sentence = useSentence();
  const speech = useSpeech();
  const name = baseName(problem.path);
  const inside = parentOf(problem.path);
  const todo = TODO.find((code) => code === problem.errorCode);
  return (
    <article className={styles.item} aria-label={name}>
      <FileIcon name={name} />
      <div className={styles.itemWords}>
        <p><b><bdi>{name === "" ? folder.name : name}</bdi></b></p>
        <p className={styles.reason}>{sentence({ code: problem.errorCode, params: problem.params })}{todo && (i18n.language === "zh" ? "" : " ") + t(`folders.todo.${todo}`)}</p>
        <small>{inside !== "" && <><bdi>{inside}</bdi> · </>}{t("folders.since", { time: when(problem.sinceUnixMs, speech) })}</small>
      </div>
      {problem.errorCode === "entry_link" ? <Button onClick={() => onTask({ kind: "ignore" })}>{t("folders.menu.ignoreShort")}</Button>
        : <Link className={styles.link} to="/w/$ws/folders/$folder" params={{ ws, folder: folder.id }} search={{ ...(inside !== "" && { path: inside }), entry: name }}>{t("folders.show")}</Link>}
    </article>
  );
}
