import { useMutation } from "@tanstack/react-query";
import { SendHorizontal } from "lucide-react";
import { useEffect, useId, useLayoutEffect, useRef, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { bytesLeftToShow } from "../../lib/bytes";
import { readDraft, writeDraft } from "../../lib/drafts";
import { ImeGuard } from "../../lib/ime";
import { nonce } from "../../lib/nonce";
import { useApi, useSettings } from "../../live";
import { Button, cx, ErrorNote } from "../../ui";
import styles from "./Composer.module.css";

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

  const send = useMutation({
    // A retry of the same text carries the same nonce, so that it never arrives twice.
    mutationFn: (wanted: string) => {
      if (attempt.current.text !== wanted) attempt.current = { text: wanted, nonce: nonce() };
      return api.chat.send({ conversationId: conversationID, text: wanted.replace(/^\s*\n|\s+$/g, ""), nonce: attempt.current.nonce });
    },
    onSuccess: (_, sent) => {
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
  const empty = text.trim() === "";
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
      <div className={styles.box}>
        <textarea
          ref={area} rows={1} dir="auto" value={text} aria-label={t("composer.label", { name })} placeholder={t("composer.placeholder", { name })} aria-describedby={hintID}
          onChange={(event) => onChange(event.target.value)} onKeyDown={onKeyDown} onKeyUp={() => ime.keyUp()}
          onCompositionStart={() => ime.compositionStart()} onCompositionEnd={(event) => ime.compositionEnd(event.timeStamp)}
        />
        <div className={styles.foot}>
          {left !== null && <span role="status" className={cx(styles.left, left < 0 && styles.over)}>{left < 0 ? t("composer.over", { count: -left }) : t("composer.left", { count: left })}</span>}
          <span id={hintID} className={styles.hint}>{enterSends ? t("composer.enterSends") : t("composer.shiftSends")}</span>
          <Button kind="primary" icon={<SendHorizontal aria-hidden />} disabled={empty || (left ?? 0) < 0} onClick={submit}>{t("action.send")}</Button>
        </div>
      </div>
    </div>
  );
}
