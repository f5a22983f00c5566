import { useMutation } from "@tanstack/react-query";
import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Message } from "../../api";
import { matchAny } from "../../lib/match";
import { joinNames } from "../../lib/names";
import { nonce } from "../../lib/nonce";
import { useApi, useConversations } from "../../live";
import { Button, Dialog, ErrorNote, ExternalTag, Field, InfoNote } from "../../ui";
import { ConversationFace } from "./ConversationFace";
import styles from "./depth.module.css";
import { ExternalMark } from "./External";
import { brief, conversationName } from "./names";

const MOST = 20;

/** Into which conversations messages are written again. */
export function ForwardDialog({ ws, messages, asOne = false, onClose, onDone }: { ws: string; messages: readonly Message[]; asOne?: boolean; onClose: () => void; onDone: (count: number) => void }) {
  const { t, i18n } = useTranslation();
  const api = useApi();
  const { data } = useConversations(ws);
  const [query, setQuery] = useState("");
  const [text, setText] = useState("");
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const once = useRef(nonce());
  const shown = useMemo(() => (data ?? []).filter((one) => one.mayPost && matchAny([conversationName(one, t)], query)), [data, query, t]);
  const outside = (data ?? []).filter((one) => picked.has(one.id) && one.externalCount > 0);
  const first = messages[0]!;
  const send = useMutation({
    mutationFn: () => api.chat.forward({
      conversationId: first.conversationId, messageIds: messages.map(({ id }) => id), toConversationIds: [...picked], text: text.trim(), nonce: once.current, asOne,
    }),
    onSuccess: () => onDone(picked.size),
  });
  const toggle = (id: string) => {
    const next = new Set(picked);
    if (!next.delete(id)) next.add(id);
    // Others are wanted now: what was begun is not to be gone on with.
    once.current = nonce();
    setPicked(next);
  };
  return (
    <Dialog
      open onClose={onClose} title={t(asOne ? "thread.asOneTitle" : "depth.forwardTitle", { count: messages.length })} size="sm"
      actions={<><Button onClick={onClose}>{t("action.cancel")}</Button><Button kind="primary" busy={send.isPending} disabled={picked.size === 0 || picked.size > MOST} onClick={() => send.mutate()}>{t("depth.forward")}</Button></>}
    >
      <div className={styles.forward}>
        <p className={styles.preview}><b><bdi>{first.personName}</bdi></b><ExternalMark personId={first.personId} brief /><bdi>{brief(first, t)}</bdi>{messages.length > 1 && ` ${t("depth.andMore", { count: messages.length - 1 })}`}</p>
        <Field bare label={t("depth.findConversation")} placeholder={t("depth.findConversation")} value={query} onChange={(event) => setQuery(event.target.value)} />
        <ul className={styles.targets} aria-label={t("messages.list")}>
          {shown.slice(0, 50).map((one) => (
            <li key={one.id}>
              <label>
                <input type="checkbox" checked={picked.has(one.id)} onChange={() => toggle(one.id)} />
                <ConversationFace conversation={one} name={conversationName(one, t)} size="xs" /><bdi>{conversationName(one, t)}</bdi>{one.externalCount > 0 && <ExternalTag />}
              </label>
            </li>
          ))}
        </ul>
        {shown.length === 0 && <p className={styles.quiet}>{t("depth.noConversation")}</p>}
        {outside.length > 0 && <div className={styles.stay}><InfoNote tone="warn">{t("circles.forwardWarn", { count: outside.reduce((sum, one) => sum + one.externalCount, 0), names: joinNames(outside.map((one) => conversationName(one, t)), i18n.language) })}</InfoNote></div>}
        <Field label={t("depth.forwardText")} value={text} onChange={(event) => setText(event.target.value)} />
        {picked.size > MOST && <p className={styles.quiet} role="alert">{t("depth.forwardMost", { max: MOST })}</p>}
        {send.error && <ErrorNote cause={send.error} />}
      </div>
    </Dialog>
  );
}
