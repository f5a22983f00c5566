import { Hand, MicOff, Pin, PinOff } from "lucide-react";
import { memo, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { CallRole, SourceKind, type CallParticipant } from "../../../api";
import { Avatar, cx, IconButton, Tag } from "../../../ui";
import { useCall } from "../context";
import { outsideWord, roleWords } from "../words";
import { NetworkBars } from "./NetworkBars";
import { Picture } from "./Picture";
import styles from "./tile.module.css";

export interface TileProps {
  person: CallParticipant;
  name: string;
  kind: SourceKind.CAMERA | SourceKind.SCREEN;
  isSelf: boolean;
  stream: MediaStream | undefined;
  track: MediaStreamTrack | null;
  speaks: boolean;
  big: boolean;
  pinned: boolean;
  emoji: string;
  onPin: () => void;
}

/** Somebody's picture, or their name as long as there is none, and what one must know of them. */
export const Tile = memo(function Tile({ person, name, kind, isSelf, stream, track, speaks, big, pinned, emoji, onPin }: TileProps) {
  const { t } = useTranslation();
  const isScreen = kind === SourceKind.SCREEN;
  const shows = isScreen || person.camera;
  const element = useWant(person.deviceId, kind, !isSelf && shows);
  const shown = isSelf ? (shows ? track : null) : shows ? stream : null;
  const label = isScreen ? t("meetings.tile.screen", { name }) : isSelf ? t("meetings.tile.self") : name;
  const said = [
    label, !isScreen && !person.microphone && t("meetings.tile.muted"), !isScreen && person.hand && t("meetings.tile.hand"), !isScreen && !person.camera && t("meetings.tile.noCamera"),
    person.recording && !isScreen && t("meetings.tile.recording"), outsideWord(person, t), !person.connected && !isSelf && t("meetings.tile.connecting"),
  ].filter(Boolean).join(", ");
  return (
    <article ref={element} className={cx(styles.tile, speaks && styles.speaks)} aria-label={said} data-device={person.deviceId} data-kind={isScreen ? "screen" : "camera"}>
      {shown ? (
        <Picture {...(isSelf ? { track: shown as MediaStreamTrack, mirrored: true } : { stream: shown as MediaStream })} whole={isScreen} label={label} main={big && !isSelf} />
      ) : (
        <span className={styles.face}><Avatar id={person.personId} name={name} size={big ? "lg" : "md"} /></span>
      )}
      {!person.connected && !isSelf && <span className={styles.connecting}>{t("meetings.tile.connecting")}</span>}
      {emoji !== "" && <span className={styles.emoji} aria-hidden>{emoji}</span>}
      <span className={styles.tag}>
        {!isScreen && !person.microphone && <MicOff aria-hidden className={styles.muted} />}
        {!isScreen && person.hand && <Hand aria-hidden className={styles.hand} />}
        {person.recording && !isScreen && <i className={styles.rec} aria-hidden />}
        <bdi>{isScreen ? t("meetings.tile.screen", { name }) : isSelf ? t("meetings.tile.self") : name}</bdi>
        {!isScreen && person.role === CallRole.HOST && <small>{roleWords(person.role, t)}</small>}
        {person.external && <Tag>{outsideWord(person, t)}</Tag>}
      </span>
      {!isSelf && !isScreen && <NetworkBars person={person} name={name} className={styles.bars} />}
      {!isSelf && (
        <IconButton label={pinned ? t("meetings.tile.unpin", { name: label }) : t("meetings.tile.pin", { name: label })} aria-pressed={pinned} className={styles.pin} onClick={onPin}>
          {pinned ? <PinOff /> : <Pin />}
        </IconButton>
      )}
    </article>
  );
});

/** Tells the engine how large this is shown, so that nobody sends more than is seen. */
function useWant(device: string, kind: SourceKind, wanted: boolean) {
  const element = useRef<HTMLElement>(null);
  const { session } = useCall();
  useEffect(() => {
    const at = element.current;
    if (!at || !session || !wanted) return;
    const owner = {};
    const tell = () => session.wants.show(owner, device, kind, at.clientHeight * window.devicePixelRatio);
    const observer = new ResizeObserver(tell);
    observer.observe(at);
    tell();
    return () => {
      observer.disconnect();
      session.wants.hide(owner, device, kind);
    };
  }, [device, kind, session, wanted]);
  return element;
}
