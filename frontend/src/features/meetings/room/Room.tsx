import { X } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { CallState } from "../../../api";
import { Dialog, ErrorNote, IconButton, Segmented } from "../../../ui";
import { useCall, useLocal, useSession } from "../context";
import { DeviceChoices, DeviceNotes } from "../DeviceChoices";
import { GuestLinks } from "../guest/GuestLinks";
import { NotesPanel } from "../notes/NotesPanel";
import type { View } from "./arrange";
import { Controls } from "./Controls";
import { Head } from "./Head";
import { Knocking, Notices } from "./Notices";
import { Participants } from "./Participants";
import { mayLead, selfOf } from "./people";
import styles from "./room.module.css";
import { Stage } from "./Stage";
import { useKeys } from "./useKeys";
import { useRecording } from "./useRecording";

/** Draws a conversation of a workspace; the chat of a meeting with guests stands by itself. */
export type Chat = (ws: string, conversation: string) => ReactNode;

export type Panel = "none" | "people" | "chat" | "notes";

/** In the call. */
export function Room({ state, chat }: { state: CallState; chat: Chat }) {
  const { t } = useTranslation();
  const { setSelf, trouble, forgetTrouble, session } = useCall();
  const { silenced } = useSession();
  const [view, setView] = useState<View>("gallery");
  const [pinned, setPinned] = useState<string | null>(null);
  const [panel, setPanel] = useState<Panel>("none");
  const [devices, setDevices] = useState(false);
  const [inviting, setInviting] = useState(false);
  const self = selfOf(state);
  const leads = mayLead(self);
  const toggle = (which: Panel) => setPanel((now) => (now === which ? "none" : which));
  const recording = useRecording(state);
  const turnView = () => setView((now) => (now === "gallery" ? "speaker" : "gallery"));
  const talking = useKeys({
    muted: !self?.microphone,
    microphone: (on) => void setSelf({ microphone: on }),
    camera: () => void setSelf({ camera: !self?.camera }),
    hand: () => void setSelf({ hand: !self?.hand }),
    share: () => void setSelf({ screen: !self?.screen }),
    view: turnView, people: () => toggle("people"), chat: () => toggle("chat"), notes: () => !self?.guest && toggle("notes"),
  });
  // A press anywhere is what a browser waits for before it plays anything.
  useEffect(() => {
    if (!silenced) return;
    const press = () => session?.unsilence();
    window.addEventListener("pointerdown", press, { once: true });
    return () => window.removeEventListener("pointerdown", press);
  }, [silenced, session]);
  return (
    <div className={styles.room}>
      <Head state={state} view={view} onView={turnView} onPeople={() => toggle("people")} />
      <Notices state={state} />
      {leads && state.lobby.length > 0 && panel !== "people" && <Knocking state={state} onAll={() => setPanel("people")} />}
      <div className={styles.middle}>
        <Stage state={state} view={view} pinned={pinned} onPin={setPinned} />
        {panel !== "none" && (
          <aside className={styles.panel} aria-label={t(`meetings.${panel}.title`)}>
            <header className={styles.panelHead}>
              {panel === "people" || self?.guest ? <h2>{t(`meetings.${panel}.title`)}</h2> : (
                <Segmented
                  label={t("meetings.notes.beside")} value={panel} onChange={setPanel}
                  options={[{ value: "chat", label: t("meetings.chat.title") }, { value: "notes", label: t("meetings.notes.title") }]}
                />
              )}
              <IconButton label={t("action.close")} onClick={() => setPanel("none")}><X /></IconButton>
            </header>
            {panel === "people" ? <Participants state={state} /> : panel === "notes" ? <NotesPanel state={state} /> : <div className={styles.chat}>{state.call!.guests && !self?.guest && <p className={styles.chatNote}>{t("meetings.guests.chat")}</p>}{chat(state.call!.guests ? state.call!.chatId : state.call!.workspaceId, state.call!.chatId)}</div>}
          </aside>
        )}
      </div>
      <div className={styles.lines}>
        {silenced && <p className={styles.line} role="status">{t("meetings.silenced")}</p>}
        {state.participants.length === 1 && state.lobby.length === 0 && <p className={styles.line} role="status">{t("meetings.alone")}</p>}
        {talking && <p className={styles.line} role="status">{t("meetings.talking")}</p>}
        <Replaced />
        {trouble ? <div className={styles.trouble}><ErrorNote cause={trouble} onRetry={forgetTrouble} retry={t("action.close")} /></div> : null}
      </div>
      <Controls state={state} panel={panel} onPanel={toggle} onDevices={() => setDevices(true)} onGuests={() => setInviting(true)} view={view} onView={turnView} recording={recording} />
      <Dialog open={devices} onClose={() => setDevices(false)} title={t("meetings.devices.title")} size="sm"><DeviceChoices /><DeviceNotes camera /></Dialog>
      {inviting && <GuestLinks of={{ callId: state.call!.id, plannedId: "" }} onClose={() => setInviting(false)} />}
    </div>
  );
}

/** A device that was unplugged has a successor: said until it was read. */
function Replaced() {
  const { t } = useTranslation();
  const { local } = useCall();
  const { replaced } = useLocal();
  if (!replaced) return null;
  return (
    <div className={styles.notice} role="status">
      <span>{t(`meetings.replaced.${replaced.kind}`, { name: replaced.by || t("meetings.devices.unnamed") })}</span>
      <IconButton label={t("action.close")} onClick={() => local.forgetReplaced()}><X /></IconButton>
    </div>
  );
}
