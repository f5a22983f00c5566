import { useMutation } from "@tanstack/react-query";
import { Download, FilePenLine, Pause, Play, RotateCw, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { AttachmentState, type Attachment, type Message } from "../../api";
import { isDocument, useGo, useHere } from "../../lib/routes";
import { useApi, useRuntime } from "../../live";
import { IconButton } from "../../ui";
import styles from "./attachments.module.css";

const { ABSENT, FETCHING, WAITING, HERE, FAILED } = AttachmentState;
/** The program's files are read as downloads; a fake's are as they are. */
const asDownload = (path: string) => (path.startsWith("/files/") ? `${path}?download` : path);

export interface FileProps {
  readonly message: Message;
  readonly file: Attachment;
}

const which = ({ message, file }: FileProps) => ({ conversationId: message.conversationId, messageId: message.id, index: file.index });

/** A document that is here can be prepared for signing. */
export function Sign({ message, file }: FileProps) {
  const { t } = useTranslation();
  const go = useGo();
  const ws = useHere();
  if (file.state !== HERE || ws === undefined || !isDocument(file.name)) return null;
  return <IconButton className={styles.deed} label={t("attach.sign", { name: file.name })} onClick={() => go.prepare(ws, which({ message, file }))}><FilePenLine /></IconButton>;
}

/** Saves a file that is here. */
export function Save({ message, file }: FileProps) {
  const { t } = useTranslation();
  const api = useApi();
  const runtime = useRuntime();
  const save = useMutation({ mutationFn: () => api.chat.saveAttachment(which({ message, file })) });
  const label = t("attach.download", { name: file.name });
  if (runtime.canDownload) {
    return <a className={styles.deed} href={asDownload(file.path)} download={file.name} aria-label={label} title={label}><Download aria-hidden /></a>;
  }
  return (
    <>
      {save.data && <small role="status">{t("attach.saved", { name: save.data.name })}</small>}
      <IconButton label={label} onClick={() => save.mutate()}><Download /></IconButton>
    </>
  );
}

/** The one thing that can be done with a file now. What has come of it stays, whatever is pressed. */
export function Deed({ message, file }: FileProps) {
  const { t } = useTranslation();
  const api = useApi();
  const fetching = useMutation({ mutationFn: () => api.chat.fetchAttachment(which({ message, file })) });
  const stop = useMutation({ mutationFn: () => api.chat.cancelAttachment(which({ message, file })) });
  const { name, state } = file;
  if (state === HERE) return <Save message={message} file={file} />;
  if (state === FETCHING) return <IconButton className={styles.deed} label={t("attach.pauseFile", { name })} onClick={() => stop.mutate()}><Pause /></IconButton>;
  if (state === WAITING) return <IconButton className={styles.deed} label={t("attach.cancelFile", { name })} onClick={() => stop.mutate()}><X /></IconButton>;
  const [key, Icon] = state === FAILED ? ["attach.retryFile", RotateCw] as const
    : state === ABSENT && file.fetched > 0n ? ["attach.resumeFile", Play] as const
      : ["attach.fetch", Download] as const;
  return <IconButton className={styles.deed} label={t(key, { name })} onClick={() => fetching.mutate()}><Icon /></IconButton>;
}
