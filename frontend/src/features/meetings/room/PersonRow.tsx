import { EllipsisVertical, Hand, Mic, MicOff, MonitorUp, Network, ShieldCheck, UserMinus, UserRoundCog, Video, VideoOff } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { CallRole, CallTopology, type CallParticipant, type CallState } from "../../../api";
import { Avatar, Confirm, Dialog, Digits, IconButton, Menu, Tag, type MenuEntry } from "../../../ui";
import { useCall } from "../context";
import { networkWords, outsideWord, roleWords, wayWords } from "../words";
import { NetworkBars } from "./NetworkBars";
import { handPlace } from "./people";
import styles from "./people.module.css";

export function PersonRow({ state, one, name, leads }: { state: CallState; one: CallParticipant; name: string; leads: boolean }) {
  const { t } = useTranslation();
  const { control } = useCall();
  const [open, setOpen] = useState<"none" | "check" | "remove">("none");
  const close = () => setOpen("none");
  const isSelf = one.deviceId === state.selfId;
  const digits = state.checkDigits[one.deviceId] ?? "";
  const place = handPlace(state.participants, one.deviceId);
  const role = roleWords(one.role, t);
  const id = one.deviceId;
  const entries: MenuEntry[] = isSelf ? [] : [
    { key: "check", label: t("meetings.check.open"), icon: <ShieldCheck aria-hidden />, onSelect: () => setOpen("check") },
    ...(!leads ? [] : [
      ...(one.microphone ? [{ key: "mute", label: t("meetings.people.mute"), icon: <MicOff aria-hidden />, onSelect: () => void control({ case: "mute", value: id }) }] : []),
      ...(one.hand ? [{ key: "hand", label: t("meetings.people.lower"), icon: <Hand aria-hidden />, onSelect: () => void control({ case: "lowerHand", value: id }) }] : []),
      ...(one.screen ? [{ key: "share", label: t("meetings.people.stopShare"), icon: <MonitorUp aria-hidden />, onSelect: () => void control({ case: "stopShare", value: id }) }] : []),
      ...(one.role === CallRole.PARTICIPANT ? [{ key: "cohost", label: t("meetings.people.makeCohost"), icon: <UserRoundCog aria-hidden />, onSelect: () => void control({ case: "makeCohost", value: id }) }] : []),
      ...(one.role === CallRole.COHOST ? [{ key: "uncohost", label: t("meetings.people.unmakeCohost"), icon: <UserRoundCog aria-hidden />, onSelect: () => void control({ case: "unmakeCohost", value: id }) }] : []),
      ...(state.topology === CallTopology.HUB && state.hubId === id ? [{ key: "barHub", label: t("meetings.people.barHub"), note: t("meetings.people.barHubNote"), icon: <Network aria-hidden />, onSelect: () => void control({ case: "barHub", value: id }) }] : []),
      ...(one.role !== CallRole.HOST ? [{ key: "remove", label: t("meetings.people.remove"), icon: <UserMinus aria-hidden />, danger: true, divided: true, onSelect: () => setOpen("remove") }] : []),
    ]),
  ];
  return (
    <article className={styles.row} aria-label={name} data-device={id}>
      <Avatar id={one.personId} name={name} size="xs" />
      <div className={styles.words}>
        <span className={styles.name}><bdi>{name}</bdi>{isSelf && <Tag>{t("directory.me")}</Tag>}{one.external && <Tag>{outsideWord(one, t)}</Tag>}</span>
        {(role !== "" || one.recording) && <small>{[role, one.recording ? t("meetings.tile.recording") : ""].filter(Boolean).join(" · ")}</small>}
      </div>
      {place > 0 && <span className={styles.hand} role="img" aria-label={t("meetings.people.handPlace", { place })} title={t("meetings.people.handPlace", { place })}><Hand />{place}</span>}
      <Mark on={one.microphone} onLabel={t("meetings.people.microphoneOn")} offLabel={t("meetings.people.microphoneOff")} onIcon={<Mic />} offIcon={<MicOff />} />
      <Mark on={one.camera} onLabel={t("meetings.people.cameraOn")} offLabel={t("meetings.people.cameraOff")} onIcon={<Video />} offIcon={<VideoOff />} />
      {isSelf ? <span className={styles.noBars} /> : <NetworkBars person={one} name={name} />}
      {entries.length > 0 ? <Menu label={t("meetings.people.menu", { name })} trigger={<IconButton label={t("meetings.people.menu", { name })}><EllipsisVertical /></IconButton>} entries={entries} /> : <span className={styles.gap} />}
      <Dialog open={open === "check"} onClose={close} size="sm" title={t("meetings.check.title", { name })}>
        <div className={styles.check}>
          {digits !== "" ? <><Digits value={digits} label={t("meetings.check.digits")} /><p>{t("meetings.check.text", { name })}</p></> : <p>{t("meetings.check.none")}</p>}
          <p className={styles.quiet}>{networkWords(one, t)}{wayWords(one, t) !== "" && <> {wayWords(one, t)}</>}</p>
        </div>
      </Dialog>
      <Confirm
        open={open === "remove"} onClose={close} danger title={t("meetings.people.removeTitle", { name })} action={t("action.remove")}
        onConfirm={() => {
          close();
          void control({ case: "remove", value: id });
        }}
      >
        {t("meetings.people.removeText", { name })}
      </Confirm>
    </article>
  );
}

function Mark({ on, onLabel, offLabel, onIcon, offIcon }: { on: boolean; onLabel: string; offLabel: string; onIcon: React.ReactNode; offIcon: React.ReactNode }) {
  const label = on ? onLabel : offLabel;
  return <span className={styles.mark} data-off={on ? undefined : ""} role="img" aria-label={label} title={label}>{on ? onIcon : offIcon}</span>;
}
