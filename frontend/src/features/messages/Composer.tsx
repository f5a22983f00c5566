import { useMutation } from "@tanstack/react-query";
import { Paperclip, SendHorizontal } from "lucide-react";
import { useEffect, useId, useLayoutEffect, useRef, useState, useSyncExternalStore, type ClipboardEvent, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { bytesLeftToShow, MAX_MESSAGE_BYTES } from "../../lib/bytes";
import { readDraft, writeDraft } from "../../lib/drafts";
import { ImeGuard } from "../../lib/ime";
import { nonce } from "../../lib/nonce";
import { useApi, useRuntime, useSettings } from "../../live";
import { Button, cx, ErrorNote, IconButton, InfoNote } from "../../ui";
import attachments from "./attachments.module.css";
import styles from "./Composer.module.css";
import { MOST_FILES, pendingFiles } from "./pending";
import { PendingList } from "./PendingList";
import { useDrop } from "./useDrop";

const TYPING_EVERY_MS = 3000;
const TALLEST = 220;

export function Composer({ conversationID, name, onSent }: { conversationID: string; name: string; onSent: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const settings = useSettings().data;
  const enterSends = settings?.enterSends ?? true;
  const [text, setText] = useState(() => readDraft(conversationID));
  const [ime] = useState(() => new ImeGuard());
  const area = useRef<HTMLTextAreaElement>(null);
  const lastTyping = useRef(0);
  const attempt = useRef({ text: "", nonce: "" });
  const hintID = useId();
  const files = pendingFiles(api, conversationID, useRuntime().fetch);
  const list = useSyncExternalStore(files.subscribe, files.list);
  const picker = useRef<HTMLInputElement>(null);
  const [note, setNote] = useState<"tooMany" | "folders" | "pasted" | null>(null);
  const add = (chosen: readonly File[], folders = false) => {
    setNote(folders ? "folders" : list.length + chosen.length > MOST_FILES ? "tooMany" : null);
    files.add(chosen);
    area.current?.focus();
  };
  const over = useDrop(add);
  useEffect(() => void files.restore().catch(() => {}), [files]);

  const send = useMutation({
    // A retry of the same text carries the same nonce, so that it never arrives twice.
    mutationFn: async (wanted: string) => {
      const { keys, uploadIDs } = await files.ready();
      const what = [wanted, ...uploadIDs].join("\n");
      if (attempt.current.text !== what) attempt.current = { text: what, nonce: nonce() };
      await api.chat.send({ conversationId: conversationID, text: wanted.replace(/^\s*\n|\s+$/g, ""), nonce: attempt.current.nonce, uploadIds: uploadIDs });
      return keys;
    },
    onSuccess: (keys, sent) => {
      files.sent(keys);
      setNote(null);
      attempt.current = { text: "", nonce: "" };
      lastTyping.current = 0;
      // What was typed meanwhile stays.
      setText((now) => (now.startsWith(sent) ? now.slice(sent.length) : now));
      onSent();
    },
  });

  useEffect(() => writeDraft(conversationID, text), [conversationID, text]);
  useEffect(() => {
    // Touching a list entry on a narrow window should not raise the keyboard of a tablet.
    if (window.matchMedia("(pointer: fine)").matches) area.current?.focus();
  }, []);
  useLayoutEffect(() => {
    const element = area.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${Math.min(element.scrollHeight, TALLEST)}px`;
  }, [text]);

  const left = bytesLeftToShow(text);
  const empty = text.trim() === "" && list.length === 0;
  const submit = () => {
    if (!empty && !send.isPending && (left ?? 0) >= 0) send.mutate(text);
  };
  const onChange = (next: string) => {
    setText(next);
    if (send.error) send.reset();
    const now = Date.now();
    if (next.trim() !== "" && settings?.sendTyping && now - lastTyping.current >= TYPING_EVERY_MS) {
      lastTyping.current = now;
      api.chat.setTyping({ conversationId: conversationID }).catch(() => {});
    }
  };
  const onPaste = (event: ClipboardEvent) => {
    const stamp = new Date().toISOString().slice(0, 19).replace("T", " ").replaceAll(":", ".");
    const words = event.clipboardData.getData("text/plain");
    // No message takes so much, and a field with fifty megabytes in it holds up the page: nothing of it is lost.
    if (words.length > MAX_MESSAGE_BYTES) {
      event.preventDefault();
      add([new File([words], `${t("attach.pastedText")} ${stamp}.txt`, { type: "text/plain" })]);
      setNote("pasted");
      return;
    }
    const pasted = [...event.clipboardData.files];
    // Office programs put a picture of the text beside it: then the text is meant.
    if (pasted.length === 0 || event.clipboardData.types.includes("text/plain")) return;
    event.preventDefault();
    add(pasted.map((file) => (file.name === "image.png" ? new File([file], `${t("attach.screenshot")} ${stamp}.png`, { type: file.type }) : file)));
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    const native = event.nativeEvent;
    const meaning = ime.meaning(native, enterSends);
    if (meaning === "send" || (meaning === "nothing" && native.key === "Enter" && !native.isComposing && native.keyCode !== 229)) {
      // The Enter that ended a composition (Safari) must not break the line either.
      event.preventDefault();
    }
    if (meaning === "send") submit();
  };

  return (
    <div className={styles.dock}>
      {send.error && <div className={styles.error}><ErrorNote cause={send.error} onRetry={submit} /><p>{t("composer.failed")}</p></div>}
      {note && <div className={styles.error}><InfoNote tone="warn">{note === "folders" ? t("attach.folders") : note === "pasted" ? t("attach.pasted") : t("attach.tooMany", { max: MOST_FILES })}</InfoNote></div>}
      {over && <div className={attachments.drop}>{t("attach.drop", { name })}</div>}
      <div className={styles.box}>
        <PendingList files={files} list={list} />
        <textarea
          ref={area} rows={1} dir="auto" value={text} aria-label={t("composer.label", { name })} placeholder={t("composer.placeholder", { name })} aria-describedby={hintID}
          onChange={(event) => onChange(event.target.value)} onKeyDown={onKeyDown} onKeyUp={() => ime.keyUp()} onPaste={onPaste}
          onCompositionStart={() => ime.compositionStart()} onCompositionEnd={(event) => ime.compositionEnd(event.timeStamp)}
        />
        <div className={styles.foot}>
          <input
            ref={picker} type="file" multiple hidden aria-hidden tabIndex={-1} data-files
            onChange={(event) => {
              add([...(event.target.files ?? [])]);
              event.target.value = "";
            }}
          />
          <IconButton label={t("attach.add")} className={styles.attach} onClick={() => picker.current?.click()}><Paperclip /></IconButton>
          {left !== null && <span role="status" className={cx(styles.left, left < 0 && styles.over)}>{left < 0 ? t("composer.over", { count: -left }) : t("composer.left", { count: left })}</span>}
          <span id={hintID} className={styles.hint}>{enterSends ? t("composer.enterSends") : t("composer.shiftSends")}</span>
          <Button kind="primary" icon={<SendHorizontal aria-hidden />} busy={send.isPending && list.length > 0} disabled={empty || (left ?? 0) < 0} onClick={submit}>{t("action.send")}</Button>
        </div>
      </div>
    </div>
  );
}
