import { CircleAlert, RotateCw, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { problemOf } from "../../api";
import { size as inWords } from "../../lib/size";
import { FileIcon, IconButton, useSentence } from "../../ui";
import styles from "./attachments.module.css";
import type { Pending, PendingFiles } from "./pending";

/** The files that go with the next message. */
export function PendingList({ files, list }: { files: PendingFiles; list: readonly Pending[] }) {
  const { t } = useTranslation();
  if (list.length === 0) return null;
  return (
    <ul className={styles.pending} aria-label={t("attach.pending")}>
      {list.map((item) => <PendingRow key={item.key} item={item} onRemove={() => files.remove(item.key)} onRetry={() => files.retry(item.key)} />)}
    </ul>
  );
}

function PendingRow({ item, onRemove, onRetry }: { item: Pending; onRemove: () => void; onRetry: () => void }) {
  const { t } = useTranslation();
  const sentence = useSentence();
  const percent = item.size > 0 ? Math.floor((item.received / item.size) * 100) : 100;
  const { code } = problemOf(item.cause ?? new TypeError());
  // What is wrong with the file itself does not get better.
  const hopeless = code.startsWith("name_") || code === "attachment_too_large";
  const size = inWords(item.size);
  const words = item.state === "failed" ? sentence(problemOf(item.cause))
    : item.state === "ready" ? size
      : t("attach.preparing", { percent, size });
  return (
    <li className={styles.pendingRow} data-state={item.state}>
      {item.preview !== "" ? <img src={item.preview} alt="" /> : <FileIcon name={item.name} />}
      <span className={styles.words}>
        <bdi className={styles.fileName} title={item.name}>{item.name}</bdi>
        <small title={words} role={item.state === "failed" ? "alert" : undefined}>{item.state === "failed" && <CircleAlert aria-hidden />}{words}</small>
      </span>
      {item.state === "failed" && !hopeless && <IconButton label={t("attach.retryFile", { name: item.name })} onClick={onRetry}><RotateCw /></IconButton>}
      <IconButton label={t(item.state === "uploading" ? "attach.cancelFile" : "attach.removeFile", { name: item.name })} onClick={onRemove}><X /></IconButton>
      {(item.state === "uploading" || item.state === "queued") && (
        <span className={styles.bar} role="progressbar" aria-label={item.name} aria-valuenow={percent} aria-valuemin={0} aria-valuemax={100}><i style={{ inlineSize: `${percent}%` }} /></span>
      )}
    </li>
  );
}
