import { useMutation } from "@tanstack/react-query";
import { Check, PenLine, X } from "lucide-react";
import { useLayoutEffect, useRef, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Conversation, Message } from "../../api";
import { bytesLeftToShow } from "../../lib/bytes";
import { ImeGuard } from "../../lib/ime";
import { useApi, useSettings } from "../../live";
import { Button, ErrorNote, IconButton } from "../../ui";
import styles from "./Composer.module.css";
import depth from "./depth.module.css";
import { useMention } from "./useMention";

const TALLEST = 220;

/** Stands in the composer's place while a message is given another text. Drafts wait. */
export function EditBox({ conversation, message, onDone, onClose }: { conversation: Conversation; message: Message; onDone: (message: Message) => void; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const enterSends = useSettings().data?.enterSends ?? true;
  const [text, setText] = useState(message.text);
  const [ime] = useState(() => new ImeGuard());
  const area = useRef<HTMLTextAreaElement>(null);
  const mention = useMention({ conversation, text, area, onText: setText });
  const save = useMutation({
    mutationFn: async (wanted: string) => api.chat.edit({ conversationId: conversation.id, messageId: message.id, text: wanted, mentions: await mention.named(wanted) }),
    onSuccess: onDone,
  });
  useLayoutEffect(() => {
    area.current?.focus();
    area.current?.setSelectionRange(message.text.length, message.text.length);
  }, [message.text]);
  useLayoutEffect(() => {
    const element = area.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${Math.min(element.scrollHeight, TALLEST)}px`;
  }, [text]);
  const left = bytesLeftToShow(text);
  const wanted = text.replace(/^\s*\n|\s+$/g, "");
  const submit = () => {
    if (wanted === message.text) onClose();
    else if (wanted.trim() !== "" && (left ?? 0) >= 0 && !save.isPending) save.mutate(wanted);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    const native = event.nativeEvent;
    if (mention.onKeyDown(event, ime.owns(native))) return;
    if (event.key === "Escape" && !ime.owns(native)) {
      event.preventDefault();
      event.stopPropagation();
      onClose();
      return;
    }
    const meaning = ime.meaning(native, enterSends);
    if (meaning === "send" || (meaning === "nothing" && native.key === "Enter" && !native.isComposing && native.keyCode !== 229)) event.preventDefault();
    if (meaning === "send") submit();
  };
  return (
    <div className={styles.dock}>
      {save.error && <div className={styles.error}><ErrorNote cause={save.error} onRetry={submit} /></div>}
      <div className={styles.box}>
        {mention.list}
        <p className={depth.intent}><PenLine aria-hidden /><span>{t("depth.editing")}</span><IconButton label={t("action.cancel")} onClick={onClose}><X /></IconButton></p>
        <textarea
          ref={area} rows={1} dir="auto" value={text} aria-label={t("depth.editLabel")} {...mention.attributes}
          onChange={(event) => {
            setText(event.target.value);
            mention.look();
          }}
          onKeyDown={onKeyDown} onKeyUp={() => ime.keyUp()} onBlur={mention.close}
          onCompositionStart={() => ime.compositionStart()} onCompositionEnd={(event) => ime.compositionEnd(event.timeStamp)}
        />
        <div className={styles.foot}>
          {left !== null && <span role="status" className={styles.left}>{left < 0 ? t("composer.over", { count: -left }) : t("composer.left", { count: left })}</span>}
          <span className={styles.hint}>{t("depth.editHint")}</span>
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button kind="primary" icon={<Check aria-hidden />} busy={save.isPending} disabled={wanted.trim() === "" || (left ?? 0) < 0} onClick={submit}>{t("action.save")}</Button>
        </div>
      </div>
    </div>
  );
}
