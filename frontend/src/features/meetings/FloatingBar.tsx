import { Maximize2, Mic, MicOff, PhoneOff } from "lucide-react";
import { useTranslation } from "react-i18next";
import { CallPhase, type CallState } from "../../api";
import { useNow } from "../../lib/now";
import { useGo, useMeetingShown } from "../../lib/routes";
import { cx, IconButton, Night } from "../../ui";
import { useCall } from "./context";
import styles from "./floating.module.css";
import { selfOf } from "./room/people";
import { duration, useCallNames } from "./words";

/** The call that goes on while one is somewhere else in the app: above the place, where it covers no button of it. */
export function FloatingBar() {
  const { state } = useCall();
  const shown = useMeetingShown();
  if (!state?.call || state.phase === CallPhase.ENDED || shown === state.call.id) return null;
  return <Bar state={state} />;
}

function Bar({ state }: { state: CallState }) {
  const { t } = useTranslation();
  const { setSelf, leave } = useCall();
  const go = useGo();
  const call = state.call!;
  const names = useCallNames(call.workspaceId);
  const now = useNow(true);
  const self = selfOf(state);
  const muted = !self?.microphone;
  const note = state.phase === CallPhase.CALLING ? t("meetings.calling.short") : state.phase === CallPhase.LOBBY ? t("meetings.lobby.short") : duration(now - Number(self?.joinedUnixMs ?? call.startedUnixMs));
  return (
    <Night role="region" aria-label={t("meetings.bar.label")} className={styles.bar}>
      <span className={styles.dot} aria-hidden />
      <span className={styles.words}><b><bdi>{names.ofCall(call, call.starterName)}</bdi></b><small>{note}</small></span>
      {state.phase === CallPhase.IN && (
        <IconButton label={muted ? t("meetings.deed.unmute") : t("meetings.deed.mute")} aria-pressed={!muted} className={cx(muted && styles.off)} onClick={() => void setSelf({ microphone: muted })}>
          {muted ? <MicOff /> : <Mic />}
        </IconButton>
      )}
      <button type="button" className={styles.back} onClick={() => go.meeting(call.workspaceId, call.id)}><Maximize2 aria-hidden />{t("meetings.bar.back")}</button>
      <IconButton label={t("meetings.deed.leave")} className={styles.leave} onClick={() => void leave(false)}><PhoneOff /></IconButton>
    </Night>
  );
}
