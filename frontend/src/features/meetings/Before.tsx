import { ArrowLeft, Mic, MicOff, Video, VideoOff } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useGo } from "../../lib/routes";
import { CallPhase } from "../../api";
import { useMe } from "../../live";
import { Avatar, Button, cx, ErrorNote, IconButton } from "../../ui";
import styles from "./before.module.css";
import { useCall, useLocal, type Beginning } from "./context";
import { DeviceChoices, DeviceNotes } from "./DeviceChoices";
import { useLevel } from "./media/level";
import { Picture } from "./room/Picture";

/** Looks at camera and microphone before one is seen and heard. Going in without them is always possible. */
export function Before({ ws, name, video, deed, note, busy, error, onEnter, onBack }: {
  ws: string;
  name: string;
  video: boolean;
  /** What the button says. */
  deed: string;
  note?: ReactNode;
  busy: boolean;
  error: unknown;
  onEnter: (beginning: Beginning) => void;
  /** Where one turns back to; the list of meetings when nothing is said. */
  onBack?: () => void;
}) {
  const { t } = useTranslation();
  const go = useGo();
  const { local, state } = useCall();
  const { microphone, camera, blur, blurring } = useLocal();
  const [wanted, setWanted] = useState({ microphone: true, camera: video });
  const me = useMe(ws);
  const inCall = state !== null && state.phase !== CallPhase.ENDED;
  useEffect(() => {
    void local.openMicrophone();
    void local.look();
  }, [local]);
  useEffect(() => {
    if (wanted.camera) void local.openCamera();
    else local.closeCamera();
    // A camera that stayed off for want of a blur is tried again without.
  }, [local, wanted.camera, blur]);
  // Whoever turns back leaves nothing open.
  const leaving = useState(() => ({ entered: false }))[0];
  useEffect(() => () => {
    if (!leaving.entered && !inCall) local.closeAll();
  }, [leaving, local, inCall]);
  const enter = () => {
    leaving.entered = true;
    onEnter({ microphone: wanted.microphone && local.read().microphone !== null, camera: wanted.camera && local.read().camera !== null });
  };
  const hears = wanted.microphone && microphone !== null;
  return (
    <div className={styles.before}>
      <header className={styles.head}>
        <IconButton label={t("action.back")} onClick={onBack ?? (() => go.meetings(ws))}><ArrowLeft /></IconButton>
        <h1><bdi>{name}</bdi></h1>
      </header>
      <div className={styles.body}>
        <section className={styles.preview} aria-label={t("meetings.before.preview")}>
          {wanted.camera && camera ? <Picture track={camera} mirrored label={t("meetings.before.preview")} /> : (
            <div className={styles.face}>
              <Avatar id={me?.personId ?? ""} name={me?.name ?? ""} size="lg" />
              <p role="status">{!wanted.camera ? t("meetings.before.cameraOff") : blurring ? t("meetings.blur.preparing") : t("meetings.before.noCamera")}</p>
            </div>
          )}
          <div className={styles.switches}>
            <Switch on={hears} onLabel={t("meetings.deed.mute")} offLabel={t("meetings.deed.unmute")} onIcon={<Mic />} offIcon={<MicOff />} onPress={() => setWanted({ ...wanted, microphone: !wanted.microphone })} disabled={!microphone} />
            <Switch on={wanted.camera && camera !== null} onLabel={t("meetings.deed.cameraOff")} offLabel={t("meetings.deed.cameraOn")} onIcon={<Video />} offIcon={<VideoOff />} onPress={() => setWanted({ ...wanted, camera: !wanted.camera })} />
          </div>
        </section>
        <section className={styles.side} aria-label={t("meetings.devices.title")}>
          {note}
          <Meter track={hears ? microphone : null} />
          <DeviceChoices />
          <DeviceNotes camera={wanted.camera} />
          {error ? <ErrorNote cause={error} /> : null}
          <Button kind="primary" size="lg" busy={busy} onClick={enter} className={styles.enter}>{deed}</Button>
          {(!microphone || (wanted.camera && !camera)) && <p className={styles.quiet}>{t("meetings.before.without")}</p>}
        </section>
      </div>
    </div>
  );
}

function Switch({ on, onLabel, offLabel, onIcon, offIcon, onPress, disabled }: { on: boolean; onLabel: string; offLabel: string; onIcon: ReactNode; offIcon: ReactNode; onPress: () => void; disabled?: boolean }) {
  return <IconButton label={on ? onLabel : offLabel} disabled={disabled} className={cx(styles.switch, !on && styles.off)} onClick={onPress}>{on ? onIcon : offIcon}</IconButton>;
}

/** Shows that one is heard. */
export function Meter({ track }: { track: MediaStreamTrack | null }) {
  const { t } = useTranslation();
  const level = useLevel<HTMLDivElement>(track);
  return (
    <div className={styles.meterRow}>
      <Mic aria-hidden />
      <div ref={level} className={styles.meter} role="meter" aria-label={t("meetings.devices.level")} aria-valuemin={0} aria-valuemax={100} aria-valuenow={0}><i /></div>
    </div>
  );
}
