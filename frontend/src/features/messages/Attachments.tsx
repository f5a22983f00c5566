import { useMutation } from "@tanstack/react-query";
import { Download, FilePenLine, RotateCw, X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { AttachmentState, type Attachment, type Message } from "../../api";
import { box } from "../../lib/picture";
import { isDocument, useGo, useHere } from "../../lib/routes";
import { size as inWords } from "../../lib/size";
import { useApi, useRuntime } from "../../live";
import { Dialog, FileIcon, IconButton, useSentence } from "../../ui";
import styles from "./attachments.module.css";

const { ABSENT, FETCHING, WAITING, HERE, FAILED } = AttachmentState;
/** The program's files are read as downloads; a fake's are as they are. */
const asDownload = (path: string) => (path.startsWith("/files/") ? `${path}?download` : path);

/** The files of a message. */
export function Attachments({ message }: { message: Message }) {
  const { t } = useTranslation();
  if (message.attachments.length === 0) return null;
  return (
    <ul className={styles.attachments} aria-label={t("attach.list")}>
      {message.attachments.map((file) => (
        <li key={file.index}>{file.isPicture ? <Picture message={message} file={file} /> : <Card message={message} file={file} />}</li>
      ))}
    </ul>
  );
}

interface Props {
  message: Message;
  file: Attachment;
}

/** A picture takes its place before it is here, so that nothing jumps. */
function Picture({ message, file }: Props) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const [broken, setBroken] = useState(false);
  if (broken) return <Card message={message} file={file} />;
  const { width, height } = box(file.width, file.height);
  const shape = { width, aspectRatio: `${width} / ${height}` };
  if (file.state !== HERE) {
    return <div className={styles.place} style={shape} data-tight={height < 90 || width < 110 ? "" : undefined}><Status message={message} file={file} /><Deed message={message} file={file} /></div>;
  }
  return (
    <>
      <button type="button" className={styles.picture} style={shape} aria-label={t("attach.openPicture", { name: file.name })} onClick={() => setOpen(true)}>
        <img src={file.path} alt={file.name} width={width} height={height} onError={() => setBroken(true)} />
      </button>
      {open && (
        <Dialog open onClose={() => setOpen(false)} title={file.name} size="lg" actions={<Deed message={message} file={file} words />}>
          <img className={styles.whole} src={file.path} alt={file.name} width={file.width} height={file.height} />
        </Dialog>
      )}
    </>
  );
}

function Card({ message, file }: Props) {
  return (
    <div className={styles.card} data-state={AttachmentState[file.state]?.toLowerCase()}>
      <FileIcon name={file.name} />
      <span className={styles.words}>
        <bdi className={styles.fileName} title={file.name}>{file.name}</bdi>
        <Status message={message} file={file} />
      </span>
      <Sign message={message} file={file} />
      <Deed message={message} file={file} />
      {file.state === FETCHING && <Bar name={file.name} done={file.fetched} size={file.size} />}
      {file.depositing && <Bar name={file.name} done={file.deposited} size={file.size} />}
    </div>
  );
}

/** A document that is here can be prepared for signing. */
function Sign({ message, file }: Props) {
  const { t } = useTranslation();
  const go = useGo();
  const ws = useHere();
  if (file.state !== HERE || ws === undefined || !isDocument(file.name)) return null;
  return (
    <IconButton
      className={styles.deed} label={t("attach.sign", { name: file.name })}
      onClick={() => go.prepare(ws, { conversationId: message.conversationId, messageId: message.id, index: file.index })}
    >
      <FilePenLine />
    </IconButton>
  );
}

function Bar({ name, done, size }: { name: string; done: bigint; size: bigint }) {
  const percent = size > 0n ? Number((done * 100n) / size) : 0;
  return <span className={styles.bar} role="progressbar" aria-label={name} aria-valuenow={percent} aria-valuemin={0} aria-valuemax={100}><i style={{ inlineSize: `${percent}%` }} /></span>;
}

/** Size and state in words. */
function Status({ message, file }: Props) {
  const { t } = useTranslation();
  const sentence = useSentence();
  const size = inWords(Number(file.size));
  const done = inWords(Number(file.fetched));
  switch (file.state) {
    case HERE:
      return <small>{file.depositing ? t("attach.depositing", { done: inWords(Number(file.deposited)), size }) : size}</small>;
    case FETCHING:
      return <small>{t("attach.fetching", { done, size })}</small>;
    case WAITING:
      return <small title={t("attach.waitingLong", { name: message.personName })}>{t("attach.waiting", { size })}</small>;
    case FAILED:
      return <small className={styles.failed} title={sentence({ code: file.errorCode, params: {} })}>{sentence({ code: file.errorCode, params: {} })}</small>;
    default:
      return <small>{file.fetched > 0n ? t("attach.stopped", { done, size }) : t("attach.absent", { size })}</small>;
  }
}

/** The one thing that can be done with a file now. */
function Deed({ message, file, words }: Props & { words?: boolean }) {
  const { t } = useTranslation();
  const api = useApi();
  const runtime = useRuntime();
  const which = { conversationId: message.conversationId, messageId: message.id, index: file.index };
  const fetching = useMutation({ mutationFn: () => api.chat.fetchAttachment(which) });
  const cancel = useMutation({ mutationFn: () => api.chat.cancelAttachment(which) });
  const save = useMutation({ mutationFn: () => api.chat.saveAttachment(which) });
  const { name } = file;
  if (file.state === HERE) {
    const label = t("attach.download", { name });
    if (runtime.canDownload) {
      return <a className={words ? styles.wide : styles.deed} href={asDownload(file.path)} download={name} aria-label={label} title={label}><Download aria-hidden />{words && t("attach.downloadShort")}</a>;
    }
    return (
      <>
        {save.data && <small role="status">{t("attach.saved", { name: save.data.name })}</small>}
        <IconButton label={label} onClick={() => save.mutate()}><Download /></IconButton>
      </>
    );
  }
  if (file.state === FETCHING || file.state === WAITING) {
    return <IconButton className={styles.deed} label={t("attach.cancelFile", { name })} onClick={() => cancel.mutate()}><X /></IconButton>;
  }
  const again = file.state === FAILED || (file.state === ABSENT && file.fetched > 0n);
  return (
    <IconButton className={styles.deed} label={t(again ? "attach.retryFile" : "attach.fetch", { name })} onClick={() => fetching.mutate()}>
      {again ? <RotateCw /> : <Download />}
    </IconButton>
  );
}
