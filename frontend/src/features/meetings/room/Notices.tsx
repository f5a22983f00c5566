import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { CallState } from "../../../api";
import { joinNames } from "../../../lib/names";
import { Button } from "../../../ui";
import { useCall, useRecorder } from "../context";
import { usePersonNames } from "../words";
import { RecordingNote } from "./RecordingNote";
import styles from "./room.module.css";
import { mayLead, selfOf } from "./people";

/** What everybody must know: that it is recorded, and by whom. It stays until it was read. */
export function Notices({ state }: { state: CallState }) {
  const { t, i18n } = useTranslation();
  const { leave } = useCall();
  const recorder = useRecorder();
  const nameOf = usePersonNames(state);
  const recorders = state.participants.filter((one) => one.recording && one.deviceId !== state.selfId);
  const key = recorders.map((one) => one.deviceId).sort().join();
  const [read, setRead] = useState("");
  const self = selfOf(state);
  return (
    <div className={styles.notices}>
      {recorders.length > 0 && read !== key && (
        <div role="alert" className={styles.notice}>
          <i className={styles.rec} aria-hidden />
          <span>{t("meetings.recording.consent", { names: joinNames(recorders.map(nameOf), i18n.language) })}</span>
          <Button kind="quiet" onClick={() => void leave(false)}>{t("meetings.recording.leave")}</Button>
          <Button onClick={() => setRead(key)}>{t("meetings.recording.agree")}</Button>
        </div>
      )}
      {recorder.phase !== "idle" && <RecordingNote />}
      {self && !self.microphone && !mayLead(self) && state.policy?.mayUnmute === false && <p className={styles.hint}>{t("meetings.deed.mayNotUnmute")}</p>}
    </div>
  );
}

/** Somebody waits at the door. */
export function Knocking({ state, onAll }: { state: CallState; onAll: () => void }) {
  const { t } = useTranslation();
  const { control } = useCall();
  const nameOf = usePersonNames(state);
  const first = state.lobby[0]!;
  const name = nameOf(first);
  return (
    <div className={styles.notices}>
      <div role="status" aria-label={t("meetings.people.waiting", { count: state.lobby.length })} className={styles.notice}>
        <span><b><bdi>{name}</bdi></b> {first.guest ? t("meetings.knock.guest") : first.external ? t("meetings.knock.external") : t("meetings.knock.text")}</span>
        {state.lobby.length > 1 && <Button kind="quiet" onClick={onAll}>{t("meetings.knock.more", { count: state.lobby.length - 1 })}</Button>}
        <Button aria-label={t("meetings.knock.denyName", { name })} onClick={() => void control({ case: "deny", value: first.deviceId })}>{t("meetings.knock.deny")}</Button>
        <Button kind="primary" aria-label={t("meetings.knock.admitName", { name })} onClick={() => void control({ case: "admit", value: first.deviceId })}>{t("meetings.knock.admit")}</Button>
      </div>
    </div>
  );
}
