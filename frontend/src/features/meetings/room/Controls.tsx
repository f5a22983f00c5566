import { Ellipsis, Hand, MessageSquareText, Mic, MicOff, MonitorUp, MonitorX, PhoneOff, Smile, Users, Video, VideoOff } from "lucide-react";
import type { ComponentPropsWithRef, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { CallState } from "../../../api";
import { CountBadge, cx, Menu } from "../../../ui";
import { useCall } from "../context";
import type { View } from "./arrange";
import { MoreMenu } from "./MoreMenu";
import { mayLead, selfOf } from "./people";
import type { Panel } from "./Room";
import styles from "./controls.module.css";
import type { Recording } from "./useRecording";

const EMOJI = ["👍", "👏", "❤️", "😂", "😮", "🎉"] as const;

/** What one does most, at the bottom, with words. Red is for leaving only. */
export function Controls({ state, panel, onPanel, onDevices, onGuests, view, onView, recording }: {
  state: CallState;
  panel: Panel;
  onPanel: (panel: Panel) => void;
  onDevices: () => void;
  onGuests: () => void;
  view: View;
  onView: () => void;
  recording: Recording;
}) {
  const { t } = useTranslation();
  const { setSelf, react, leave } = useCall();
  const self = selfOf(state);
  const leads = mayLead(self);
  const muted = !self?.microphone;
  const dark = !self?.camera;
  const mayUnmute = leads || (state.policy?.mayUnmute ?? true);
  const mayShare = leads || (state.policy?.mayShare ?? true);
  return (
    <div className={styles.controls} role="toolbar" aria-label={t("meetings.controls")}>
      <Control label={muted ? t("meetings.deed.unmute") : t("meetings.deed.mute")} off={muted} disabled={muted && !mayUnmute} title={muted && !mayUnmute ? t("meetings.deed.mayNotUnmute") : t("meetings.keys.microphone")} icon={muted ? <MicOff /> : <Mic />} onClick={() => void setSelf({ microphone: muted })} />
      <Control label={dark ? t("meetings.deed.cameraOn") : t("meetings.deed.cameraOff")} off={dark} title={t("meetings.keys.camera")} icon={dark ? <VideoOff /> : <Video />} onClick={() => void setSelf({ camera: dark })} />
      <Control label={self?.screen ? t("meetings.deed.unshare") : t("meetings.deed.share")} on={self?.screen} disabled={!self?.screen && !mayShare} title={mayShare ? t("meetings.keys.share") : t("meetings.deed.mayNotShare")} icon={self?.screen ? <MonitorX /> : <MonitorUp />} onClick={() => void setSelf({ screen: !self?.screen })} />
      <Control label={self?.hand ? t("meetings.deed.lower") : t("meetings.deed.hand")} on={self?.hand} title={t("meetings.keys.hand")} icon={<Hand />} onClick={() => void setSelf({ hand: !self?.hand })} />
      <Menu
        label={t("meetings.deed.react")} align="start"
        trigger={<Control label={t("meetings.deed.react")} icon={<Smile />} />}
        entries={EMOJI.map((emoji, index) => ({ key: emoji, label: t(`meetings.emoji.${EMOJI_NAMES[index]!}`), icon: <span className={styles.emoji} aria-hidden>{emoji}</span>, onSelect: () => void react(emoji) }))}
      />
      <Control label={t("meetings.people.title")} on={panel === "people"} pressed={panel === "people"} title={t("meetings.keys.people")} icon={<Users />} badge={leads ? <CountBadge count={state.lobby.length} label={t("meetings.people.waiting", { count: state.lobby.length })} /> : undefined} onClick={() => onPanel("people")} />
      <Control label={t("meetings.chat.title")} on={panel === "chat" || panel === "notes"} pressed={panel === "chat" || panel === "notes"} title={t("meetings.keys.chat")} icon={<MessageSquareText />} onClick={() => onPanel(panel === "notes" ? "notes" : "chat")} />
      <MoreMenu state={state} view={view} onView={onView} onDevices={onDevices} onGuests={onGuests} recording={recording} trigger={<Control label={t("meetings.deed.more")} icon={<Ellipsis />} />} />
      {leads && state.participants.length > 1 ? (
        <Menu
          label={t("meetings.deed.leave")}
          trigger={<Control label={t("meetings.deed.leave")} icon={<PhoneOff />} leave />}
          entries={[
            { key: "leave", label: t("meetings.leave.self"), note: t("meetings.leave.selfNote"), onSelect: () => void leave(false) },
            { key: "end", label: t("meetings.leave.all"), note: t("meetings.leave.allNote"), danger: true, onSelect: () => void leave(true) },
          ]}
        />
      ) : <Control label={t("meetings.deed.leave")} icon={<PhoneOff />} leave onClick={() => void leave(false)} />}
    </div>
  );
}

const EMOJI_NAMES = ["yes", "clap", "heart", "laugh", "wow", "party"] as const;

function Control({ label, icon, on, off, pressed, leave, badge, className, ...rest }: ComponentPropsWithRef<"button"> & { label: string; icon: ReactNode; on?: boolean; off?: boolean; pressed?: boolean; leave?: boolean; badge?: ReactNode }) {
  return (
    <button {...rest} type="button" aria-pressed={pressed} className={cx(styles.control, on && styles.on, off && styles.off, leave && styles.leave, className)}>
      <span className={styles.icon} aria-hidden>{icon}</span>
      <span className={styles.label}>{label}</span>
      {badge}
    </button>
  );
}
