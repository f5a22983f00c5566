import { useMutation } from "@tanstack/react-query";
import { NotebookPen } from "lucide-react";
import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import type { CallState } from "../../../api";
import { readDraft, writeDraft } from "../../../lib/drafts";
import { ImeGuard } from "../../../lib/ime";
import { nonce } from "../../../lib/nonce";
import { useNow } from "../../../lib/now";
import { within } from "../../../lib/time";
import { useApi, useNotes, useSettings } from "../../../live";
import { Button, ErrorNote, Hidden } from "../../../ui";
import { selfOf } from "../room/people";
import { NoteList } from "./NoteList";
import styles from "./notes.module.css";
import { elapsed } from "./text";

/** What is decided in a meeting, written down while it goes on, for everybody to see. */
export function NotesPanel({ state }: { state: CallState }) {
  const { t } = useTranslation();
  const call = state.call!;
  const notes = useNotes(call.conversationId, call.id);
  return (
    <div className={styles.panel}>
      {notes.error && !notes.data ? <ErrorNote cause={notes.error} onRetry={() => void notes.refetch()} /> : null}
      {notes.data?.length === 0 && <p className={styles.none}><NotebookPen aria-hidden />{t("meetings.notes.none")}</p>}
      {notes.data && notes.data.length > 0 ? <NoteList notes={notes.data} label={t("meetings.notes.title")} follow /> : <span className={styles.grow} />}
      <NoteBox state={state} />
    </div>
  );
}

function NoteBox({ state }: { state: CallState }) {
  const { t } = useTranslation();
  const api = useApi();
  const enterSends = useSettings().data?.enterSends ?? true;
  const call = state.call!;
  const [text, setText] = useState(() => readDraft(call.id));
  // When the first letter was written: a note is of what was said then, not of when its author was done.
  const [at, setAt] = useState<number | null>(null);
  const now = useNow(at === null);
  const shown = at ?? elapsed(call, selfOf(state)?.joinedUnixMs, now);
  const attempt = useRef({ text: "", nonce: "" });
  const [ime] = useState(() => new ImeGuard());
  useEffect(() => writeDraft(call.id, text), [call.id, text]);
  const add = useMutation({
    mutationFn: async (wanted: string) => {
      // A retry of the same text carries the same nonce, so that it never stands there twice.
      if (attempt.current.text !== wanted) attempt.current = { text: wanted, nonce: nonce() };
      await api.chat.send({ conversationId: call.conversationId, text: wanted.trim(), nonce: attempt.current.nonce, note: { callId: call.id, atMs: BigInt(Math.round(shown)) } });
    },
    onSuccess: (_, sent) => {
      attempt.current = { text: "", nonce: "" };
      setText((typed) => (typed === sent ? "" : typed));
      setAt(null);
    },
  });
  const empty = text.trim() === "";
  const submit = () => {
    if (!empty && !add.isPending) add.mutate(text);
  };
  const onChange = (next: string) => {
    setText(next);
    setAt(next.trim() === "" ? null : (at ?? shown));
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    const meaning = ime.meaning(event.nativeEvent, enterSends);
    if (meaning === "send" || (meaning === "nothing" && event.key === "Enter" && !event.nativeEvent.isComposing)) event.preventDefault();
    if (meaning === "send") submit();
  };
  return (
    <div className={styles.box}>
      {add.error ? <ErrorNote cause={add.error} onRetry={submit} /> : null}
      <textarea
        rows={2} dir="auto" value={text} aria-label={t("meetings.notes.label")} placeholder={t("meetings.notes.placeholder")}
        onChange={(event) => onChange(event.target.value)} onKeyDown={onKeyDown} onKeyUp={() => ime.keyUp()}
        onCompositionStart={() => ime.compositionStart()} onCompositionEnd={(event) => ime.compositionEnd(event.timeStamp)}
      />
      <div className={styles.foot}>
        <span className={styles.at}><Hidden>{t("meetings.notes.at")}: </Hidden>{within(shown)}</span>
        <Button kind="primary" disabled={empty} busy={add.isPending} onClick={submit}>{t("meetings.notes.add")}</Button>
      </div>
    </div>
  );
}
