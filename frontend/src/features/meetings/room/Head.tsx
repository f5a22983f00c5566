import { LayoutGrid, Lock, Network, RectangleHorizontal, Users } from "lucide-react";
import { useTranslation } from "react-i18next";
import { CallTopology, type CallState } from "../../../api";
import { useNow } from "../../../lib/now";
import { Hidden, IconButton } from "../../../ui";
import { useSession } from "../context";
import { duration, useCallNames, usePersonNames } from "../words";
import { elapsed } from "../notes/text";
import type { View } from "./arrange";
import { selfOf } from "./people";
import styles from "./room.module.css";

/** What this is, how long it goes on, and what holds for all in it. */
export function Head({ state, view, onView, onPeople }: { state: CallState; view: View; onView: () => void; onPeople: () => void }) {
  const { t } = useTranslation();
  const call = state.call!;
  const names = useCallNames(call.workspaceId);
  const nameOf = usePersonNames(state);
  const { link } = useSession();
  const now = useNow(true);
  const hub = state.topology === CallTopology.HUB ? state.participants.find((one) => one.deviceId === state.hubId) : undefined;
  const recorders = state.participants.filter((one) => one.recording);
  return (
    <header className={styles.head}>
      <h1><bdi>{names.ofCall(call, call.starterName)}</bdi></h1>
      <span className={styles.fact}><Hidden>{t("meetings.head.since")}: </Hidden>{duration(elapsed(call, selfOf(state)?.joinedUnixMs, now))}</span>
      {state.policy?.locked && <span className={styles.fact}><Lock aria-hidden />{t("meetings.locked")}</span>}
      {recorders.length > 0 && <span className={styles.recording}><i aria-hidden />{t("meetings.head.recording")}</span>}
      {hub && <span className={styles.fact} title={t("meetings.head.hubNote")}><Network aria-hidden /><bdi>{hub.deviceId === state.selfId ? t("meetings.head.hubSelf") : t("meetings.head.hub", { name: nameOf(hub) })}</bdi></span>}
      <span className={styles.grow} />
      {link !== "connected" && <span className={styles.fact} role="status">{link === "failed" ? t("meetings.head.reconnecting") : t("meetings.head.connecting")}</span>}
      <button type="button" className={styles.count} onClick={onPeople} aria-label={t("meetings.people.count", { count: state.participants.length })}><Users aria-hidden />{state.participants.length}</button>
      <IconButton label={view === "gallery" ? t("meetings.view.speaker") : t("meetings.view.gallery")} onClick={onView}>{view === "gallery" ? <RectangleHorizontal /> : <LayoutGrid />}</IconButton>
    </header>
  );
}
