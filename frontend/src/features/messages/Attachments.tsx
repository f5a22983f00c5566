import { FileAudio, FileVideo, Maximize2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { AttachmentState, type Message } from "../../api";
import { box } from "../../lib/picture";
import { FileIcon, IconButton } from "../../ui";
import styles from "./attachments.module.css";
import { Deed, Sign, type FileProps } from "./FileDeeds";
import { Bar, Status } from "./FileStatus";
import { kindOf } from "./viewer/kind";
import { look } from "./viewer/viewing";

const { FETCHING, HERE } = AttachmentState;

/** The files of a message. */
export function Attachments({ message }: { message: Message }) {
  const { t } = useTranslation();
  if (message.attachments.length === 0) return null;
  return (
    <ul className={styles.attachments} aria-label={t("attach.list")}>
      {message.attachments.map((file) => {
        const kind = kindOf(file);
        const Shown = kind === "picture" ? Picture : kind === "film" ? Film : kind === "sound" ? Sound : Card;
        return <li key={file.index}><Shown message={message} file={file} /></li>;
      })}
    </ul>
  );
}

/** A picture takes its place before it is here, so that nothing jumps. */
function Picture({ message, file }: FileProps) {
  const { t } = useTranslation();
  const [broken, setBroken] = useState(false);
  if (broken) return <Card message={message} file={file} note={t("attach.noPicture")} />;
  const { width, height } = box(file.width, file.height);
  const shape = { width, aspectRatio: `${width} / ${height}` };
  if (file.state !== HERE) {
    return <div className={styles.place} style={shape} data-tight={height < 90 || width < 110 ? "" : undefined}><Status message={message} file={file} /><Deed message={message} file={file} /></div>;
  }
  return (
    <button type="button" className={styles.picture} style={shape} aria-label={t("attach.openPicture", { name: file.name })} onClick={() => look({ message, file })}>
      <img src={file.path} alt={file.name} width={width} height={height} decoding="async" onError={() => setBroken(true)} />
    </button>
  );
}

/** A film plays where it stands, read in parts; the player has its place before the film is here. */
function Film({ message, file }: FileProps) {
  const { t } = useTranslation();
  const [broken, setBroken] = useState(false);
  const { width, height } = file.width > 0 ? box(Math.max(file.width, 320), Math.max(file.width, 320) * (file.height / file.width)) : { width: 320, height: 180 };
  const shape = { width, aspectRatio: `${width} / ${height}` };
  return (
    <div className={styles.played}>
      {file.state === HERE && !broken
        ? <video className={styles.film} style={shape} controls preload="metadata" src={file.path} aria-label={file.name} onError={() => setBroken(true)} />
        : <div className={styles.place} style={shape} aria-hidden><FileVideo /></div>}
      <Card message={message} file={file} note={broken ? t("attach.noSound") : undefined} />
    </div>
  );
}

function Sound({ message, file }: FileProps) {
  const { t } = useTranslation();
  const [broken, setBroken] = useState(false);
  return (
    <div className={styles.played}>
      {file.state === HERE && !broken
        ? <audio className={styles.sound} controls preload="metadata" src={file.path} aria-label={file.name} onError={() => setBroken(true)} />
        : <div className={styles.place} data-sound="" aria-hidden><FileAudio /></div>}
      <Card message={message} file={file} note={broken ? t("attach.noSound") : undefined} />
    </div>
  );
}

/** note: what is wrong with its content, once that was seen. */
function Card({ message, file, note }: FileProps & { note?: string | undefined }) {
  const { t } = useTranslation();
  const kind = kindOf(file);
  return (
    <div className={styles.card} data-state={AttachmentState[file.state]?.toLowerCase()}>
      <FileIcon name={file.name} />
      <span className={styles.words}>
        <bdi className={styles.fileName} title={file.name}>{file.name}</bdi>
        {note !== undefined ? <small className={styles.failed}>{note}</small> : <Status message={message} file={file} />}
      </span>
      {file.state === HERE && kind !== null && kind !== "picture" && kind !== "sound" && note === undefined && (
        <IconButton className={styles.deed} label={t("attach.open", { name: file.name })} onClick={() => look({ message, file })}><Maximize2 /></IconButton>
      )}
      <Sign message={message} file={file} />
      <Deed message={message} file={file} />
      {file.state === FETCHING && <Bar name={file.name} done={file.fetched} size={file.size} />}
      {file.depositing && <Bar name={file.name} done={file.deposited} size={file.size} />}
    </div>
  );
}
