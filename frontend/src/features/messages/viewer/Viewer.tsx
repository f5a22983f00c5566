import { useMutation } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight, FileX2, X } from "lucide-react";
import { lazy, Suspense, useRef, type KeyboardEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { size as inWords } from "../../../lib/size";
import { full } from "../../../lib/time";
import { useApi } from "../../../live";
import { Empty, FullDialog, IconButton, Waiting } from "../../../ui";
import { ExternalMark } from "../External";
import { Save } from "../FileDeeds";
import { neighbour, type Place } from "./around";
import { kindOf } from "./kind";
import { PictureView } from "./PictureView";
import { TextView } from "./TextView";
import { look, useViewing } from "./viewing";
import styles from "./viewer.module.css";

const DocumentView = lazy(() => import("./DocumentView"));

/** The file of a conversation that somebody looks at, over everything. */
export function Viewer({ conversationID }: { conversationID: string }) {
  const place = useViewing(conversationID);
  return place && <Open place={place} />;
}

/** Where keys mean something else already. */
const HAS_KEYS = "input, video, audio, pre, [role=region]";

function Open({ place }: { place: Place }) {
  const { t, i18n } = useTranslation();
  const api = useApi();
  const keys = useRef<((key: string) => boolean) | null>(null);
  const { message, file } = place;
  const step = useMutation({
    mutationFn: (direction: 1 | -1) => neighbour(api, place, direction),
    onSuccess: (next) => next && look(next),
  });
  const go = (direction: 1 | -1) => !step.isPending && step.mutate(direction);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || (event.target as HTMLElement).closest(HAS_KEYS)) return;
    if (event.key === "ArrowLeft") go(-1);
    else if (event.key === "ArrowRight") go(1);
    else if (!keys.current?.(event.key)) return;
    event.preventDefault();
  };
  const id = `${message.id}/${file.index}`;
  const head = (own: ReactNode) => (
    <header className={styles.head}>
      <span className={styles.words}>
        <bdi className={styles.name}>{file.name}</bdi>
        <small><bdi>{message.isMine ? t("messages.me") : message.personName}</bdi>{!message.isMine && <> <ExternalMark personId={message.personId} brief /></>} · {full(Number(message.sentUnixMs), i18n.language)} · {inWords(Number(file.size))}</small>
      </span>
      <span className={styles.tools} role="toolbar" aria-label={t("attach.viewer")}>
        {own}
        <IconButton label={t("attach.previous")} onClick={() => go(-1)}><ChevronLeft /></IconButton>
        <IconButton label={t("attach.next")} onClick={() => go(1)}><ChevronRight /></IconButton>
        <Save message={message} file={file} />
        <IconButton label={t("action.close")} onClick={() => look(null)}><X /></IconButton>
      </span>
    </header>
  );
  return (
    <FullDialog title={file.name} onClose={() => look(null)} onKeyDown={onKeyDown}>
      <Content key={id} place={place} head={head} keys={keys} />
      <p className={styles.note} role="status">{step.isSuccess && step.data === null ? t("attach.none") : ""}</p>
    </FullDialog>
  );
}

function Content({ place: { file }, head, keys }: { place: Place; head: (own: ReactNode) => ReactNode; keys: { current: ((key: string) => boolean) | null } }) {
  const { t } = useTranslation();
  const broken = (words: string) => <div className={styles.still}><Empty icon={<FileX2 />} title={file.name}>{words}</Empty></div>;
  switch (kindOf(file)) {
    case "picture":
      return <PictureView file={file} tools={head} broken={broken(t("attach.noPicture"))} keys={keys} />;
    case "film":
      return <>{head(null)}<div className={styles.still}><video className={styles.film} controls autoPlay src={file.path} aria-label={file.name} /></div></>;
    case "sound":
      return <>{head(null)}<div className={styles.still}><audio controls autoPlay src={file.path} aria-label={file.name} /></div></>;
    case "pdf":
      return <>{head(null)}<Suspense fallback={<div className={styles.still}><Waiting /></div>}><DocumentView file={file} /></Suspense></>;
    case "text":
      return <>{head(null)}<TextView file={file} broken={broken} /></>;
    default:
      return <>{head(null)}{broken(t("attach.gone"))}</>;
  }
}
