import { useTranslation } from "react-i18next";
import { AttachmentState, type Attachment } from "../../api";
import { isDrawable, isPicture } from "../../lib/picture";
import { size as inWords } from "../../lib/size";
import { useSentence } from "../../ui";
import styles from "./attachments.module.css";
import type { FileProps } from "./FileDeeds";
import { useSpeed } from "./useSpeed";

/** Why a picture that is here is left as a file: drawn it would take all memory, or it does not open at all. */
function unshown(file: Attachment): "attach.tooLarge" | "attach.noPicture" | null {
  if (file.isPicture || !isPicture({ type: file.mediaType })) return null;
  return file.width > 0 && !isDrawable(file) ? "attach.tooLarge" : "attach.noPicture";
}

/** Size and state in words. */
export function Status({ message, file }: FileProps) {
  const { t } = useTranslation();
  const sentence = useSentence();
  const fetching = file.state === AttachmentState.FETCHING;
  const speed = useSpeed(Number(file.fetched), fetching);
  const size = inWords(Number(file.size));
  const done = inWords(Number(file.fetched));
  const why = unshown(file);
  switch (file.state) {
    case AttachmentState.HERE:
      if (file.depositing) return <small>{t("attach.depositing", { done: inWords(Number(file.deposited)), size })}</small>;
      return why ? <small className={styles.why}>{t(why, { size })}</small> : <small>{size}</small>;
    case AttachmentState.FETCHING:
      return <small>{speed > 0 ? t("attach.fetchingAt", { done, size, speed: inWords(speed) }) : t("attach.fetching", { done, size })}</small>;
    case AttachmentState.WAITING:
      return <small title={t("attach.waitingLong", { name: message.personName })}>{t("attach.waiting", { size })}</small>;
    case AttachmentState.FAILED:
      return <small className={styles.failed} title={sentence({ code: file.errorCode, params: {} })}>{sentence({ code: file.errorCode, params: {} })}</small>;
    default:
      return <small>{file.fetched > 0n ? t("attach.stopped", { done, size }) : t("attach.absent", { size })}</small>;
  }
}

export function Bar({ name, done, size }: { name: string; done: bigint; size: bigint }) {
  const percent = size > 0n ? Number((done * 100n) / size) : 0;
  return <span className={styles.bar} role="progressbar" aria-label={name} aria-valuenow={percent} aria-valuemin={0} aria-valuemax={100}><i style={{ inlineSize: `${percent}%` }} /></span>;
}
