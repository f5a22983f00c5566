import { useMutation } from "@tanstack/react-query";
import { BellOff, MessageSquareText, Phone, PhoneOff, Video } from "lucide-react";
import { useEffect, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import type { CallSummary } from "../../api";
import { ImeGuard } from "../../lib/ime";
import { useGo } from "../../lib/routes";
import { useApi, useCalls, useRuntime, useQuiet, useSettings } from "../../live";
import { Avatar, Button, ErrorNote, Field, IconButton } from "../../ui";
import { useCall } from "./context";
import { ring } from "./media/tone";
import styles from "./ringing.module.css";
import { useCallNames } from "./words";

/** Somebody calls: seen and heard from anywhere in the app, without taking the keyboard away from what is being typed. */
export function Ringing() {
  const ringing = useCalls("").data?.ringing ?? [];
  const first = ringing[0];
  const settings = useSettings().data;
  const quiet = useQuiet();
  const wanted = (settings?.ringCalls ?? true) && !quiet;
  // Whom one has heard and not answered yet.
  const [hushed, setHushed] = useState("");
  const rings = first !== undefined && wanted && first.id !== hushed;
  useEffect(() => (rings ? ring() : undefined), [rings]);
  return first ? <RingCard key={first.id} call={first} onHush={rings ? () => setHushed(first.id) : undefined} /> : null;
}

/** While nobody looks at this window, the system tells of the call. */
function useNotice(id: string, title: string, text: string): void {
  const runtime = useRuntime();
  const settings = useSettings().data;
  const quiet = useQuiet();
  const wanted = (settings?.notifyCalls ?? false) && !quiet;
  useEffect(() => {
    if (!wanted) return;
    const look = (watched: boolean) => (watched ? runtime.notices.hide(id) : runtime.notices.show({ id, title, text }));
    look(runtime.isWatched());
    const end = runtime.onWatched(look);
    return () => {
      end();
      runtime.notices.hide(id);
    };
  }, [runtime, wanted, id, title, text]);
}

function RingCard({ call, onHush }: { call: CallSummary; onHush: (() => void) | undefined }) {
  const { t } = useTranslation();
  const api = useApi();
  const go = useGo();
  const { join, state, leave } = useCall();
  const names = useCallNames(call.workspaceId, [call.starterId]);
  const [writing, setWriting] = useState(false);
  const accept = useMutation({
    mutationFn: async (camera: boolean) => {
      // One call at a time: who takes another one has left the first.
      if (state?.call && state.call.id !== call.id) await leave(false);
      await join(call.id, { microphone: true, camera });
    },
    onSuccess: () => go.meeting(call.workspaceId, call.id),
  });
  const decline = useMutation({ mutationFn: (text: string) => api.calls.declineCall({ callId: call.id, text }) });
  const caller = names.ofPerson(call.starterId, call.starterName) || t("meetings.somebody");
  const where = names.isDirect(call.conversationId) ? "" : names.ofCall(call);
  const busy = accept.isPending || decline.isPending;
  const what = where !== "" ? t("meetings.ring.group", { name: where }) : call.video ? t("meetings.ring.video") : t("meetings.ring.voice");
  useNotice(call.id, caller, what);
  return (
    <section className={styles.card} role="alertdialog" aria-modal="false" aria-label={t("meetings.ring.label")} aria-describedby={`${call.id}-who`}>
      <div className={styles.who} id={`${call.id}-who`}>
        <span className={styles.face}><Avatar id={call.starterId} name={caller} /></span>
        <div>
          <h2><bdi>{caller}</bdi></h2>
          <p>{what}</p>
        </div>
        {onHush && <><span className={styles.grow} /><IconButton label={t("meetings.ring.hush")} onClick={onHush}><BellOff /></IconButton></>}
      </div>
      {(accept.error ?? decline.error) && <ErrorNote cause={accept.error ?? decline.error} />}
      {writing ? (
        <Reply onSend={(text) => decline.mutate(text)} onBack={() => setWriting(false)} busy={busy} />
      ) : (
        <div className={styles.deeds}>
          <Button className={styles.no} icon={<PhoneOff aria-hidden />} disabled={busy} onClick={() => decline.mutate("")}>{t("meetings.ring.decline")}</Button>
          <IconButton label={t("meetings.ring.reply")} disabled={busy} onClick={() => setWriting(true)}><MessageSquareText /></IconButton>
          <span className={styles.grow} />
          <Button kind={call.video ? "plain" : "primary"} icon={<Phone aria-hidden />} disabled={busy} onClick={() => accept.mutate(false)}>{t("meetings.ring.accept")}</Button>
          <Button kind={call.video ? "primary" : "plain"} icon={<Video aria-hidden />} disabled={busy} onClick={() => accept.mutate(true)}>{t("meetings.ring.acceptVideo")}</Button>
        </div>
      )}
    </section>
  );
}

/** Declines with a few words, which go to the conversation. */
function Reply({ onSend, onBack, busy }: { onSend: (text: string) => void; onBack: () => void; busy: boolean }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [ime] = useState(() => new ImeGuard());
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() !== "") onSend(text.trim());
  };
  return (
    <form className={styles.reply} onSubmit={submit}>
      <div className={styles.quick}>
        {(["later", "meeting", "write"] as const).map((key) => <Button key={key} disabled={busy} onClick={() => onSend(t(`meetings.ring.quick.${key}`))}>{t(`meetings.ring.quick.${key}`)}</Button>)}
      </div>
      <Field
        bare autoFocus label={t("meetings.ring.replyLabel")} placeholder={t("meetings.ring.replyLabel")} value={text} onChange={(event) => setText(event.target.value)}
        onCompositionStart={() => ime.compositionStart()} onCompositionEnd={(event) => ime.compositionEnd(event.timeStamp)} onKeyUp={() => ime.keyUp()}
        onKeyDown={(event) => event.key === "Enter" && ime.owns(event.nativeEvent) && event.preventDefault()}
      />
      <div className={styles.deeds}>
        <Button kind="quiet" onClick={onBack}>{t("action.back")}</Button>
        <span className={styles.grow} />
        <Button type="submit" kind="primary" disabled={busy || text.trim() === ""}>{t("meetings.ring.send")}</Button>
      </div>
    </form>
  );
}
