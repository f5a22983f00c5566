import { Paperclip, SendHorizontal, Smile, Zap } from "lucide-react";
import { useEffect, useId, useImperativeHandle, useRef, useState, useSyncExternalStore, type ClipboardEvent, type KeyboardEvent, type Ref } from "react";
import { useTranslation } from "react-i18next";
import { ConversationKind, type Conversation, type Message } from "../../api";
import { bytesLeftToShow } from "../../lib/bytes";
import { ImeGuard } from "../../lib/ime";
import { useApi, useRuntime, useSettings } from "../../live";
import { Button, cx, ErrorNote, IconButton, InfoNote } from "../../ui";
import attachments from "./attachments.module.css";
import styles from "./Composer.module.css";
import depth from "./depth.module.css";
import { askDing } from "./ding/ask";
import { EmojiPicker } from "./EmojiPicker";
import { ExternalsLine } from "./External";
import { LaterMenu, LaterStrip, PickTime } from "./later/Later";
import { inAnHour } from "./later/times";
import { Intent, useTall } from "./composing";
import { pastedFiles } from "./paste";
import { MOST_FILES, pendingFiles } from "./pending";
import { PendingList } from "./PendingList";
import { useDrop } from "./useDrop";
import { useMention } from "./useMention";
import { useSend } from "./useSend";
import { useSubmit } from "./useSubmit";
import { useUnsent } from "./useUnsent";

const TYPING_EVERY_MS = 3000;

export interface ComposerHandle {
  focus(): void;
  /** Puts a text before what is there. */
  insert(text: string): void;
}

export function Composer({ ref, conversation, name, reply, onReply, onSent, onEditLast, thread = "" }: {
  ref: Ref<ComposerHandle>;
  conversation: Conversation;
  name: string;
  /** What the next message answers to. */
  reply: Message | null;
  onReply: (message: Message | null) => void;
  onSent: () => void;
  /** Gives one's last message another text; false when there is none. */
  onEditLast: () => boolean;
  /** The thread in which it answers, by its ID or that of its first message. */
  thread?: string;
}) {
  const conversationID = conversation.id;
  const { t } = useTranslation();
  const api = useApi();
  const settings = useSettings().data;
  const enterSends = settings?.enterSends ?? true;
  const [text, setText] = useState("");
  const [ime] = useState(() => new ImeGuard());
  const area = useRef<HTMLTextAreaElement>(null);
  const lastTyping = useRef(0);
  const hintID = useId();
  const files = pendingFiles(api, conversationID, useRuntime().fetch, thread);
  const list = useSyncExternalStore(files.subscribe, files.list);
  const picker = useRef<HTMLInputElement>(null);
  const [note, setNote] = useState<"tooMany" | "folders" | "pasted" | null>(null);
  const add = (chosen: readonly File[], folders = false) => {
    setNote(folders ? "folders" : list.length + chosen.length > MOST_FILES ? "tooMany" : null);
    files.add(chosen);
    area.current?.focus();
  };
  const over = useDrop(add);
  const mention = useMention({ conversation, text, area, onText: setText });
  const [emojiAt, setEmojiAt] = useState<HTMLElement | null>(null);
  useImperativeHandle(ref, () => ({
    focus: () => area.current?.focus(),
    insert: (more) => {
      setText((now) => (now.trim() === "" ? more : `${more}\n${now}`));
      area.current?.focus();
    },
  }), []);
  const putEmoji = (emoji: string) => {
    const { selectionStart: from, selectionEnd: to } = area.current!;
    setText(text.slice(0, from) + emoji + text.slice(to));
    requestAnimationFrame(() => area.current?.setSelectionRange(from + emoji.length, from + emoji.length));
  };
  const [alsoShow, setAlsoShow] = useState(false);
  // What was left over belongs to the conversation.
  useEffect(() => void (thread === "" && files.restore().catch(() => {})), [files, thread]);

  const [picking, setPicking] = useState(false);
  const unsent = useUnsent({
    conversationID, thread, text, reply, mentions: mention.of,
    onLeft(left) {
      mention.chose(left.mentions);
      // What was typed before it came stays below it.
      setText((now) => (left.text === "" || now.trim() === "" ? now || left.text : `${left.text}\n${now}`));
      if (left.reply && !reply) onReply(left.reply);
    },
  });
  const send = useSend({ conversationID, thread, alsoShow, reply, files, mention, unsent }, (sent, at, answered) => {
    if (answered) onReply(null);
    setNote(null);
    setAlsoShow(false);
    lastTyping.current = 0;
    // What was typed meanwhile stays.
    setText((now) => (now.startsWith(sent) ? now.slice(sent.length) : now));
    setPicking(false);
    if (at === undefined) onSent();
  });

  useEffect(() => {
    // Touching a list entry on a narrow window should not raise the keyboard of a tablet.
    if (window.matchMedia("(pointer: fine)").matches) area.current?.focus();
  }, []);
  useTall(area, text);

  const left = bytesLeftToShow(text);
  const empty = text.trim() === "" && list.length === 0;
  const sendable = !empty && (left ?? 0) >= 0;
  const submit = useSubmit(send, text, sendable);
  const onChange = (next: string) => {
    setText(next);
    if (send.error) send.reset();
    const now = Date.now();
    if (next.trim() !== "" && settings?.sendTyping && now - lastTyping.current >= TYPING_EVERY_MS) {
      lastTyping.current = now;
      api.chat.setTyping({ conversationId: conversationID, threadId: thread }).catch(() => {});
    }
  };
  const onPaste = (event: ClipboardEvent) => {
    const pasted = pastedFiles(event, { text: t("attach.pastedText"), screenshot: t("attach.screenshot") });
    if (!pasted) return;
    event.preventDefault();
    add(pasted.files);
    if (pasted.fromText) setNote("pasted");
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    const native = event.nativeEvent;
    const composing = ime.owns(native);
    if (mention.onKeyDown(event, composing)) return;
    if (event.key === "Escape" && !composing && reply) {
      event.preventDefault();
      onReply(null);
      return;
    }
    if (event.key === "ArrowUp" && !composing && text === "" && list.length === 0 && !reply && onEditLast()) {
      event.preventDefault();
      return;
    }
    const meaning = ime.meaning(native, enterSends);
    if (meaning === "send" || (meaning === "nothing" && native.key === "Enter" && !native.isComposing && native.keyCode !== 229)) {
      // The Enter that ended a composition (Safari) must not break the line either.
      event.preventDefault();
    }
    if (meaning === "send") submit();
  };

  return (
    <div className={styles.dock}>
      {send.error && !picking && <div className={styles.error}><ErrorNote cause={send.error} onRetry={() => submit(send.variables?.at)} /><p>{t("composer.failed")}</p></div>}
      {note && <div className={styles.error}><InfoNote tone="warn">{note === "folders" ? t("attach.folders") : note === "pasted" ? t("attach.pasted") : t("attach.tooMany", { max: MOST_FILES })}</InfoNote></div>}
      {thread === "" && <LaterStrip conversation={conversation} />}
      {picking && <PickTime externals={conversation.externalCount} from={inAnHour(Date.now())} busy={send.isPending} error={send.error} onChosen={submit} onClose={() => setPicking(false)} />}
      {over && <div className={attachments.drop}>{t("attach.drop", { name })}<ExternalsLine conversation={conversation} /></div>}
      <div className={styles.box}>
        {mention.list}
        {reply && <Intent reply={reply} onReply={onReply} />}
        <PendingList files={files} list={list} />
        <textarea
          ref={area} rows={1} dir="auto" value={text} aria-label={thread === "" ? t("composer.label", { name }) : t("thread.reply")} placeholder={thread === "" ? t("composer.placeholder", { name }) : t("thread.reply")} aria-describedby={hintID} {...mention.attributes}
          onChange={(event) => {
            onChange(event.target.value);
            mention.look();
          }}
          onKeyDown={onKeyDown} onKeyUp={() => ime.keyUp()} onPaste={onPaste} onClick={mention.look} onBlur={() => {
            mention.close();
            void unsent.flush();
          }}
          onCompositionStart={() => ime.compositionStart()} onCompositionEnd={(event) => ime.compositionEnd(event.timeStamp)}
        />
        {thread !== "" && conversation.mayPost && <label className={depth.alsoShow}><input type="checkbox" checked={alsoShow} onChange={(event) => setAlsoShow(event.target.checked)} />{t("thread.alsoShow")}</label>}
        <div className={styles.foot}>
          <input
            ref={picker} type="file" multiple hidden aria-hidden tabIndex={-1} data-files
            onChange={(event) => {
              add([...(event.target.files ?? [])]);
              event.target.value = "";
            }}
          />
          <IconButton label={t("attach.add")} className={styles.attach} onClick={() => picker.current?.click()}><Paperclip /></IconButton>
          <IconButton label={t("depth.emoji")} className={depth.smile} aria-haspopup="dialog" onClick={(event) => setEmojiAt(event.currentTarget)}><Smile /></IconButton>
          {thread === "" && conversation.kind !== ConversationKind.MEETING && <IconButton label={t("ding.title")} className={depth.smile} aria-haspopup="dialog" onClick={() => askDing({ what: "send", conversation: conversationID, message: null, text, onSent: (sent) => setText((now) => (now.trim() === sent.trim() ? "" : now)) })}><Zap /></IconButton>}
          <EmojiPicker at={emojiAt} onPick={putEmoji} onClose={() => setEmojiAt(null)} />
          {left !== null && <span role="status" className={cx(styles.left, left < 0 && styles.over)}>{left < 0 ? t("composer.over", { count: -left }) : t("composer.left", { count: left })}</span>}
          <span id={hintID} className={styles.hint} data-aside={thread === "" ? undefined : ""}>{enterSends ? t("composer.enterSends") : t("composer.shiftSends")}</span>
          <Button kind="primary" icon={<SendHorizontal aria-hidden />} busy={send.isPending && list.length > 0} disabled={!sendable} onClick={() => submit()}>{t("action.send")}</Button>
          {sendable && thread === "" && <LaterMenu onLater={submit} onPick={() => setPicking(true)} />}
        </div>
      </div>
    </div>
  );
}
