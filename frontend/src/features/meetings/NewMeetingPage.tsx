import { useMutation } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { CallPhase } from "../../api";
import { takePress, useGo, type NewMeeting } from "../../lib/routes";
import { useCalls, useConversations } from "../../live";
import { Button, Night, Waiting } from "../../ui";
import styles from "./around.module.css";
import { Before } from "./Before";
import { useCall } from "./context";
import { canMeet } from "./media/problems";
import { Said, Unsupported } from "./states";
import { useCallNames } from "./words";

/** Before a meeting begins. Somebody who is called alone is rung at once, as on a telephone. */
export function NewMeetingPage({ ws, meeting }: { ws: string; meeting: NewMeeting }) {
  return <Night className={styles.page} role="main"><Inside ws={ws} meeting={meeting} /></Night>;
}

function Inside({ ws, meeting }: { ws: string; meeting: NewMeeting }) {
  const { t } = useTranslation();
  const go = useGo();
  const { start, state, leave } = useCall();
  const names = useCallNames(ws);
  const loaded = useConversations(ws).data !== undefined;
  const calls = useCalls("").data;
  const id = meeting.conversation ?? "";
  const conversation = names.conversation(id);
  const planned = calls?.planned.find((one) => one.id === meeting.planned);
  const video = meeting.video ?? false;
  const begin = useMutation({
    mutationFn: async (beginning: { microphone: boolean; camera: boolean }) => {
      if (state?.call && state.phase !== CallPhase.ENDED) await leave(false);
      return start(id, video, planned?.id ?? "", beginning);
    },
    onSuccess: (entered) => go.meeting(ws, entered.call!.id, true),
  });
  // A press counts once. Not while drawing: what is drawn may be thrown away, and the press with it.
  const [pressed, setPressed] = useState(false);
  useEffect(() => {
    if (takePress()) setPressed(true);
  }, []);
  const isDirect = names.isDirect(id);
  const atOnce = pressed && loaded && conversation !== undefined && isDirect && canMeet();
  const { mutate } = begin;
  useEffect(() => {
    if (!atOnce) return;
    setPressed(false);
    mutate({ microphone: true, camera: video });
  }, [atOnce, mutate, video]);

  if (!canMeet()) return <Unsupported ws={ws} />;
  if (!loaded || !calls) return <Waiting />;
  if (!conversation) return <Said title={t("meetings.unknown.title")} text={t("meetings.unknown.text")} action={<Button size="lg" onClick={() => go.meetings(ws)}>{t("meetings.toList")}</Button>} />;
  if ((begin.isPending || pressed) && isDirect) return <Waiting label={t("meetings.calling.begin")} />;
  return (
    <Before
      ws={ws} name={planned?.title || names.ofCall({ title: "", conversationId: id })} video={video} deed={isDirect ? t("meetings.before.call") : t("meetings.before.start")}
      busy={begin.isPending} error={begin.error} onEnter={mutate}
    />
  );
}
