import { Blend, CircleDot, CircleStop, DoorClosed, LayoutGrid, Link2, Lock, MicOff, MonitorUp, PictureInPicture2, RectangleHorizontal, SlidersHorizontal, UserPlus, UserRoundCheck } from "lucide-react";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import type { CallPolicy, CallState } from "../../../api";
import { Menu, type MenuEntry } from "../../../ui";
import { useCall, useLocal } from "../context";
import { mayInviteGuests } from "../guest/may";
import { canBlur } from "../media/backdrop/can";
import { Recorder } from "../media/recorder";
import type { View } from "./arrange";
import { mayLead, selfOf } from "./people";
import { canFloat, float } from "./pip";
import type { Recording } from "./useRecording";

type Rule = "locked" | "lobby" | "muteOnEntry" | "mayUnmute" | "mayShare" | "anyInvites";

/** What one does seldom; for hosts, what holds for all. */
export function MoreMenu({ state, view, onView, onDevices, onGuests, recording, trigger }: { state: CallState; view: View; onView: () => void; onDevices: () => void; onGuests: () => void; recording: Recording; trigger: ReactElement }) {
  const { t } = useTranslation();
  const { control, local } = useCall();
  const { blur } = useLocal();
  const leads = mayLead(selfOf(state));
  const policy = state.policy;
  const rule = (key: Rule, icon: MenuEntry["icon"], divided = false): MenuEntry => ({
    key, label: t(`meetings.rule.${key}`), icon, checked: policy?.[key] ?? false, divided,
    onSelect: () => policy && void control({ case: "policy", value: { ...policy, [key]: !policy[key] } as CallPolicy }),
  });
  const entries: MenuEntry[] = [
    { key: "devices", label: t("meetings.devices.title"), icon: <SlidersHorizontal aria-hidden />, onSelect: onDevices },
    { key: "view", label: view === "gallery" ? t("meetings.view.speaker") : t("meetings.view.gallery"), icon: view === "gallery" ? <RectangleHorizontal aria-hidden /> : <LayoutGrid aria-hidden />, onSelect: onView },
    ...(mayInviteGuests(state) ? [{ key: "guests", label: t("meetings.guests.open"), icon: <UserPlus aria-hidden />, onSelect: onGuests }] : []),
    ...(canBlur() ? [{ key: "blur", label: t("meetings.blur.label"), icon: <Blend aria-hidden />, checked: blur, onSelect: () => void local.setBlur(!blur) }] : []),
    ...(canFloat() ? [{ key: "float", label: t("meetings.pip"), icon: <PictureInPicture2 aria-hidden />, onSelect: () => void float() }] : []),
    ...(!Recorder.isPossible() ? [] : recording.on
      ? [{ key: "record", label: t("meetings.recording.stop"), icon: <CircleStop aria-hidden />, onSelect: recording.stop }]
      : [{ key: "record", label: t("meetings.recording.start"), note: t("meetings.recording.startNote"), icon: <CircleDot aria-hidden />, onSelect: recording.start }]),
    ...(leads ? [
      rule("locked", <Lock aria-hidden />, true), rule("lobby", <DoorClosed aria-hidden />), rule("muteOnEntry", <MicOff aria-hidden />), rule("mayUnmute", <UserRoundCheck aria-hidden />), rule("mayShare", <MonitorUp aria-hidden />), rule("anyInvites", <Link2 aria-hidden />),
      { key: "muteAll", label: t("meetings.rule.muteAll"), icon: <MicOff aria-hidden />, divided: true, onSelect: () => void control({ case: "mute", value: "all" }) },
    ] : []),
  ];
  return <Menu label={t("meetings.deed.more")} trigger={trigger} entries={entries} />;
}
