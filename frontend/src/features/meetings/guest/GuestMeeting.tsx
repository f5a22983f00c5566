import { useMutation } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { CalendarClock, DoorOpen, UserRound } from "lucide-react";
import { useTranslation } from "react-i18next";
import { CallEndReason, CallPhase, GuestPhase, type CallState, type GuestState } from "../../../api";
import { useApi, useCalls, useGuest, useShowGuest, useStatus } from "../../../live";
import { Button, Night, useSentence, Waiting } from "../../../ui";
import around from "../around.module.css";
import { Before } from "../Before";
import { useCall } from "../context";
import { canMeet } from "../media/problems";
import { OpenInBrowser } from "../OpenInBrowser";
import { Room, type Chat } from "../room/Room";
import { Lobby, Said } from "../states";
import { endWords } from "../words";
import styles from "./guest.module.css";

/** A meeting to which this device came by a link: nothing else of the program is there until one leaves it. */
export function GuestMeeting({ chat }: { chat: Chat }) {
  const { data, error } = useGuest();
  return <Night className={around.page} role="main">{data ? <Inside guest={data} chat={chat} /> : <Said title={error ? "…" : ""} text=""><Waiting /></Said>}</Night>;
}

function Inside({ guest, chat }: { guest: GuestState; chat: Chat }) {
  const { t } = useTranslation();
  const { state, attach } = useCall();
  const { data: calls } = useCalls("");
  const sentence = useSentence();
  if (!canMeet()) return <Said title={t("meetings.unsupported.title")} text={t("meetings.unsupported.text")} action={<Leave />}><OpenInBrowser /></Said>;
  switch (state?.phase) {
    case CallPhase.LOBBY:
      return <Lobby state={state} />;
    case CallPhase.ENDED:
      return <Ended state={state} open={guest.phase === GuestPhase.OPEN} />;
    case CallPhase.IN:
      return <Room state={state} chat={chat} />;
  }
  // In it already: a page that was loaded again goes back by itself, another one has to be asked.
  const mine = calls?.mine;
  if (mine?.call && mine.phase !== CallPhase.ENDED) {
    const id = mine.call.id;
    return <Said title={t("meetings.elsewhere.title")} text={t("meetings.elsewhere.text")} action={<Button kind="primary" size="lg" onClick={() => attach(id)}>{t("meetings.elsewhere.here")}</Button>} />;
  }
  switch (guest.phase) {
    case GuestPhase.OPEN:
      if (!calls) return <Waiting />;
      return <Enter guest={guest} />;
    case GuestPhase.WAITING:
      return <Said icon={<CalendarClock />} title={guest.title} text={t("guest.waiting", { inviter: guest.inviterName })} action={<Leave />}><Waiting label={t("guest.waitingNow")} /></Said>;
    case GuestPhase.OVER:
      return <Said icon={<DoorOpen />} title={t("meetings.end.over")} text={t("guest.overText")} action={<Leave last />} />;
    case GuestPhase.FAILED:
      return <Said icon={<DoorOpen />} title={t("guest.failed")} text={failure(guest.errorCode, t) ?? sentence({ code: guest.errorCode, params: {} })} action={<Leave last />} />;
    default:
      return <Said title={guest.title} text=""  action={<Leave />}><Waiting label={t("guest.connecting", { inviter: guest.inviterName })} /></Said>;
  }
}

/** What a link may be refused for, said of a meeting and not of a workspace. */
const FAILURES = ["invite_unknown", "invite_used_up", "invite_revoked", "invite_expired", "host_unreachable", "join_timeout"] as const;

function failure(code: string, t: TFunction): string | null {
  const known = FAILURES.find((one) => one === code);
  return known ? t(`guest.refused.${known}`) : null;
}

function Enter({ guest }: { guest: GuestState }) {
  const { t } = useTranslation();
  const { join } = useCall();
  const name = useStatus().data?.name ?? "";
  const leave = useLeave();
  const enter = useMutation({ mutationFn: (beginning: { microphone: boolean; camera: boolean }) => join(guest.callId, beginning) });
  return (
    <Before
      ws={guest.meetingId} name={guest.title} video deed={t("guest.knock")} busy={enter.isPending} error={enter.error} onEnter={enter.mutate} onBack={leave.mutate}
      note={<p className={styles.note}><UserRound aria-hidden /><span>{t("guest.asWhom", { name })}</span></p>}
    />
  );
}

function Ended({ state, open }: { state: CallState; open: boolean }) {
  const { t } = useTranslation();
  const { dismiss } = useCall();
  const { title } = endWords(state.endReason, t);
  const text = {
    [CallEndReason.LEFT]: t("guest.endText.left"), [CallEndReason.REMOVED]: t("meetings.endText.removed"), [CallEndReason.DENIED]: t("guest.endText.denied"),
  }[state.endReason as number] ?? t("guest.overText");
  const again = open && (state.endReason === CallEndReason.LEFT || state.endReason === CallEndReason.DENIED);
  return <Said icon={<DoorOpen />} title={title} text={text} action={<><Leave last={!again} />{again && <Button kind="primary" size="lg" onClick={dismiss}>{t("guest.again")}</Button>}</>} />;
}

function useLeave() {
  const api = useApi();
  const show = useShowGuest();
  const { dismiss } = useCall();
  return useMutation({
    mutationFn: () => api.guest.leave({}),
    onSettled: () => {
      dismiss();
      show();
    },
  });
}

/** Back to what the program is without the meeting. */
function Leave({ last }: { last?: boolean }) {
  const { t } = useTranslation();
  const leave = useLeave();
  return <Button size="lg" {...(last && { kind: "primary" as const })} busy={leave.isPending} onClick={() => leave.mutate()}>{last ? t("guest.done") : t("guest.leave")}</Button>;
}
