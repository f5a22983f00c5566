import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { CallPhase, type CallSummary } from "../../api";
import { useGo } from "../../lib/routes";
import { useCalls } from "../../live";
import { Avatar, Button, Night, Waiting } from "../../ui";
import { Before } from "./Before";
import { useCall } from "./context";
import { canMeet } from "./media/problems";
import styles from "./around.module.css";
import { Room, type Chat } from "./room/Room";
import { Ended, Lobby, Ringback, Said, Unsupported } from "./states";
import { useCallNames } from "./words";

/** One meeting: before it, in it, after it. `chat` draws a conversation; another feature knows how. */
export function MeetingPage({ ws, call, chat }: { ws: string; call: string; chat: Chat }) {
  return <Night className={styles.page} role="main"><Inside ws={ws} call={call} chat={chat} /></Night>;
}

function Inside({ ws, call, chat }: { ws: string; call: string; chat: Chat }) {
  const { t } = useTranslation();
  const go = useGo();
  const { state, attach } = useCall();
  const { data } = useCalls("");
  const current = state?.call?.id === call ? state : null;
  if (!canMeet()) return <Unsupported ws={ws} />;
  if (current) {
    switch (current.phase) {
      case CallPhase.CALLING:
        return <Ringback state={current} />;
      case CallPhase.LOBBY:
        return <Lobby state={current} />;
      case CallPhase.ENDED:
        return <Ended ws={ws} state={current} />;
      default:
        return <Room state={current} chat={chat} />;
    }
  }
  if (!data) return <Waiting />;
  // This device is in it already, but another window has sound and picture.
  if (data.mine?.call?.id === call && data.mine.phase !== CallPhase.ENDED) {
    return <Said title={t("meetings.elsewhere.title")} text={t("meetings.elsewhere.text")} action={<Button kind="primary" size="lg" onClick={() => attach(call)}>{t("meetings.elsewhere.here")}</Button>} />;
  }
  const summary = [...data.ongoing, ...data.ringing].find(({ id }) => id === call);
  if (summary) return <JoinBefore call={summary} />;
  return <Said title={t("meetings.end.over")} text={t("meetings.endText.over")} action={<Button size="lg" onClick={() => go.meetings(ws)}>{t("meetings.toList")}</Button>} />;
}

function JoinBefore({ call }: { call: CallSummary }) {
  const { t } = useTranslation();
  const { join, state, leave } = useCall();
  const names = useCallNames(call.workspaceId, call.personIds);
  const enter = useMutation({
    mutationFn: async (beginning: { microphone: boolean; camera: boolean }) => {
      if (state?.call && state.phase !== CallPhase.ENDED && state.call.id !== call.id) await leave(false);
      return join(call.id, beginning);
    },
  });
  const people = call.personIds.map((id) => ({ id, name: names.ofPerson(id, id === call.starterId ? call.starterName : t("meetings.somebody")) }));
  return (
    <Before
      ws={call.workspaceId} name={names.ofCall(call, call.starterName)} video={call.video} deed={t("meetings.before.join")} busy={enter.isPending} error={enter.error} onEnter={enter.mutate}
      note={people.length === 0 ? undefined : (
        <p className={styles.inside}>
          <span className={styles.faces} aria-hidden>{people.slice(0, 5).map((one) => <Avatar key={one.id} id={one.id} name={one.name} size="xs" />)}</span>
          {t("meetings.before.inside", { count: people.length })}
        </p>
      )}
    />
  );
}
