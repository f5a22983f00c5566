import { CircleCheck, DoorOpen, Hourglass, MonitorX, PhoneOff } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { CallState } from "../../api";
import { useGo } from "../../lib/routes";
import { useMe } from "../../live";
import { Avatar, Button } from "../../ui";
import styles from "./around.module.css";
import { useCall, useLocal, useRecorder } from "./context";
import { DeviceNotes } from "./DeviceChoices";
import { Meter } from "./Before";
import { OpenInBrowser } from "./OpenInBrowser";
import { ringback } from "./media/tone";
import { RecordingNote } from "./room/RecordingNote";
import { Picture } from "./room/Picture";
import { endWords, useCallNames } from "./words";

/** One thing to say, in the middle. */
export function Said({ icon, title, text, action, children }: { icon?: ReactNode; title: string; text: string; action?: ReactNode; children?: ReactNode }) {
  return (
    <div className={styles.said}>
      {icon && <span className={styles.icon} aria-hidden>{icon}</span>}
      <h1>{title}</h1>
      <p>{text}</p>
      {children}
      {action && <div className={styles.actions}>{action}</div>}
    </div>
  );
}

/** Ours rings elsewhere. */
export function Ringback({ state }: { state: CallState }) {
  const { t } = useTranslation();
  const { leave } = useCall();
  const { camera } = useLocal();
  const call = state.call!;
  const names = useCallNames(call.workspaceId);
  const name = names.ofCall(call);
  useEffect(() => ringback(), []);
  return (
    <div className={styles.said}>
      {camera && <div className={styles.self}><Picture track={camera} mirrored label={t("meetings.before.preview")} /></div>}
      <span className={styles.calling}><Avatar id={names.face(call.conversationId)} name={name} size="lg" /></span>
      <h1><bdi>{name}</bdi></h1>
      <p role="status">{t("meetings.calling.text")}</p>
      <DeviceNotes camera={call.video} />
      <Button size="lg" className={styles.hangUp} icon={<PhoneOff aria-hidden />} onClick={() => void leave(false)}>{t("meetings.calling.end")}</Button>
    </div>
  );
}

export function Lobby({ state }: { state: CallState }) {
  const { t } = useTranslation();
  const { leave } = useCall();
  const { microphone, camera } = useLocal();
  const call = state.call!;
  const names = useCallNames(call.workspaceId);
  const me = useMe(call.workspaceId);
  return (
    <div className={styles.said}>
      <div className={styles.lobbyFace}>{camera ? <Picture track={camera} mirrored label={t("meetings.before.preview")} /> : <Avatar id={me?.personId ?? ""} name={me?.name ?? ""} size="lg" />}</div>
      <span className={styles.icon} aria-hidden><Hourglass /></span>
      <h1><bdi>{names.ofCall(call, call.starterName)}</bdi></h1>
      <p role="status">{t("meetings.lobby.text")}</p>
      <div className={styles.meter}><Meter track={microphone} /></div>
      <Button size="lg" onClick={() => void leave(false)}>{t("meetings.lobby.leave")}</Button>
    </div>
  );
}

/** It is over for us; why, and where to go from here. */
export function Ended({ ws, state }: { ws: string; state: CallState }) {
  const { t } = useTranslation();
  const go = useGo();
  const { dismiss } = useCall();
  const recorder = useRecorder();
  const call = state.call!;
  const { title, text } = endWords(state.endReason, t);
  // Leaving the page is answer enough; its strict double start is none.
  const [page] = useState(() => ({ shown: false }));
  useEffect(() => {
    page.shown = true;
    return () => {
      page.shown = false;
      setTimeout(() => !page.shown && dismiss(), 0);
    };
    // The newest dismiss does what every one does.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [page]);
  return (
    <Said
      icon={<DoorOpen />} title={title} text={text}
      action={<>
        <Button size="lg" onClick={() => go.conversation(ws, call.conversationId)}>{t("meetings.toChat")}</Button>
        <Button kind="primary" size="lg" onClick={() => go.meetings(ws)}>{t("meetings.toList")}</Button>
      </>}
    >
      {recorder.phase !== "idle" && <RecordingNote />}
    </Said>
  );
}

/** This window has no way to sound and pictures, on some systems. */
export function Unsupported({ ws }: { ws: string }) {
  const { t } = useTranslation();
  const go = useGo();
  return (
    <Said icon={<MonitorX />} title={t("meetings.unsupported.title")} text={t("meetings.unsupported.text")} action={<Button size="lg" onClick={() => go.meetings(ws)}>{t("meetings.toList")}</Button>}>
      <OpenInBrowser />
    </Said>
  );
}

export function Saved({ path }: { path: string }) {
  const { t } = useTranslation();
  return <span className={styles.saved}><CircleCheck aria-hidden />{t("meetings.recording.saved", { path })}</span>;
}
