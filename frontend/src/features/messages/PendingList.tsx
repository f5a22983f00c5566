import { CircleAlert, FolderSearch, Pause, Play, RotateCw, X } from "lucide-react";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { problemOf } from "../../api";
import { size as inWords } from "../../lib/size";
import { FileIcon, IconButton, useSentence } from "../../ui";
import styles from "./attachments.module.css";
import type { Pending, PendingFiles } from "./pending";
import { useSpeed } from "./useSpeed";

/** The files that go with the next message. */
export function PendingList({ files, list }: { files: PendingFiles; list: readonly Pending[] }) {
  const { t } = useTranslation();
  if (list.length === 0) return null;
  return (
    <ul className={styles.pending} aria-label={t("attach.pending")}>
      {list.map((item) => <PendingRow key={item.key} item={item} files={files} />)}
    </ul>
  );
}

function PendingRow({ item, files }: { item: Pending; files: PendingFiles }) {
  const { t } = useTranslation();
  const { key, name, state } = item;
  // What is not whole never reads 100 %.
  const percent = state === "ready" ? 100 : item.size > 0 ? Math.min(99, Math.floor((item.received / item.size) * 100)) : 0;
  const words = useWords(item, percent);
  // What is wrong with the file itself does not get better.
  const code = state === "failed" ? problemOf(item.cause ?? new TypeError()).code : "";
  const hopeless = code === "name_empty" || code === "attachment_too_large";
  const onItsWay = state === "uploading" || state === "queued";
  return (
    <li className={styles.pendingRow} data-state={state}>
      {item.preview !== "" ? <img src={item.preview} alt="" /> : <FileIcon name={name} />}
      <span className={styles.words}>
        <bdi className={styles.fileName} title={name}>{name}</bdi>
        <small title={words} role={state === "failed" ? "alert" : undefined}>{state === "failed" && <CircleAlert aria-hidden />}{words}</small>
      </span>
      {onItsWay && <IconButton label={t("attach.pauseFile", { name })} onClick={() => files.pause(key)}><Pause /></IconButton>}
      {state === "paused" && <IconButton label={t("attach.resumeFile", { name })} onClick={() => files.resume(key)}><Play /></IconButton>}
      {state === "failed" && !hopeless && <IconButton label={t("attach.retryFile", { name })} onClick={() => files.resume(key)}><RotateCw /></IconButton>}
      {state === "cut" && <ChooseAgain name={name} onFile={(file) => files.choose(key, file)} />}
      <IconButton label={t(onItsWay ? "attach.cancelFile" : "attach.removeFile", { name })} onClick={() => files.remove(key)}><X /></IconButton>
      {state !== "ready" && state !== "failed" && (
        <span className={styles.bar} role="progressbar" aria-label={name} aria-valuenow={percent} aria-valuemin={0} aria-valuemax={100}><i style={{ inlineSize: `${percent}%` }} /></span>
      )}
    </li>
  );
}

function useWords(item: Pending, percent: number): string {
  const { t } = useTranslation();
  const sentence = useSentence();
  const speed = useSpeed(item.received, item.state === "uploading");
  const size = inWords(item.size);
  const done = inWords(item.received);
  switch (item.state) {
    case "failed":
      return sentence(problemOf(item.cause));
    case "ready":
      return item.renamed ? t("attach.renamed", { size }) : size;
    case "paused":
      return t("attach.paused", { done, size });
    case "cut":
      return t("attach.cut", { done, size });
    default:
      return speed > 0 ? t("attach.preparingAt", { percent, size, speed: inWords(speed) }) : t("attach.preparing", { percent, size });
  }
}

/** The page may not open a file again by itself after it was loaded anew: the person points at it. */
function ChooseAgain({ name, onFile }: { name: string; onFile: (file: File) => void }) {
  const { t } = useTranslation();
  const picker = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={picker} type="file" hidden aria-hidden tabIndex={-1} data-again={name}
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file) onFile(file);
          event.target.value = "";
        }}
      />
      <IconButton label={t("attach.chooseAgain", { name })} onClick={() => picker.current?.click()}><FolderSearch /></IconButton>
    </>
  );
}
