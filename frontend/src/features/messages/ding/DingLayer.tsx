import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ConversationKind, DeliveryState, type Message } from "../../../api";
import { nonce } from "../../../lib/nonce";
import { useApi, useCirclePeople, useConversations, useDingRules, useMemberPicker, useNoticesChanged, useReceipts } from "../../../live";
import { Button, Dialog, ErrorNote, InfoNote, PeoplePicker, reachable, Segmented } from "../../../ui";
import { askDing, useAskedDing } from "./ask";
import styles from "./ding.module.css";
import { DingList } from "./DingList";
import { DingReceipts } from "./DingReceipts";
import { PickInCircle } from "./PickInCircle";

/** What opens for urgent notices, wherever it was asked for. */
export function DingLayer({ ws }: { ws: string }) {
  const asked = useAskedDing();
  const close = () => askDing(null);
  if (!asked) return null;
  if (asked.what === "list") return <DingList ws={ws} onClose={close} />;
  if (asked.what === "one") return <DingReceipts id={asked.id} onClose={close} />;
  return <SendDing ws={ws} conversationID={asked.conversation} message={asked.message} first={asked.text} onSent={asked.onSent} onClose={close} />;
}

type Whom = "all" | "unread" | "some";

function SendDing({ ws, conversationID, message, first, onSent, onClose }: { ws: string; conversationID: string; message: Message | null; first: string; onSent: ((text: string) => void) | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const changed = useNoticesChanged();
  const conversation = useConversations(ws).data?.find(({ id }) => id === conversationID);
  const picker = useMemberPicker(ws, { inSpace: conversationID });
  const inCircle = conversation?.kind === ConversationKind.CIRCLE;
  const circle = useCirclePeople(conversationID, conversation?.kind ?? ConversationKind.UNSPECIFIED);
  // No workspace sets rules for a circle.
  const rules = useDingRules(inCircle ? conversationID : ws).data;
  const { data: receipts } = useReceipts(conversationID, message?.id ?? "");
  const unread = message ? receipts?.filter(({ state }) => state !== DeliveryState.READ).map(({ personId }) => personId) : undefined;
  const [text, setText] = useState(first);
  const [whom, setWhom] = useState<Whom>(message ? "unread" : "all");
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [attempt] = useState(nonce);
  const isDirect = conversation?.personId !== undefined && conversation.personId !== "";
  const people = isDirect || whom === "all" ? [] : whom === "unread" ? (unread ?? []) : [...picked];
  const send = useMutation({
    mutationFn: () => api.ding.send({
      conversationId: conversationID, messageId: message?.id ?? "", text: message ? "" : text.trim(), toAll: isDirect || whom === "all", personIds: people, nonce: attempt,
    }),
    onSuccess: (sent) => {
      onSent?.(text);
      changed("ding");
      askDing({ what: "one", id: sent.id });
    },
  });
  const externals = people.length > 0 ? people.filter((id) => circle.get(id)?.isExternal).length : whom === "all" ? (conversation?.externalCount ?? 0) : 0;
  const ready = (message !== null || text.trim() !== "") && (isDirect || whom === "all" || people.length > 0);
  return (
    <Dialog
      open onClose={onClose} title={t("ding.title")} description={t("ding.about")}
      actions={<><Button onClick={onClose}>{t("action.cancel")}</Button><Button kind="danger" busy={send.isPending} disabled={!ready} onClick={() => send.mutate()}>{t("ding.send")}</Button></>}
    >
      <div className={styles.form}>
        {message ? <blockquote ref={reachable} className={styles.quote} dir="auto">{message.text || message.attachments[0]?.name}</blockquote> : (
          <label className={styles.text}>{t("ding.text")}<textarea rows={3} dir="auto" value={text} onChange={(event) => setText(event.target.value)} /></label>
        )}
        {!isDirect && (
          <Segmented
            label={t("ding.whom")} value={whom} onChange={setWhom}
            options={[...(message ? [{ value: "unread" as const, label: t("ding.unread", { count: unread?.length ?? 0 }) }] : []), { value: "all" as const, label: t("ding.all") }, { value: "some" as const, label: t("ding.some") }]}
          />
        )}
        {!isDirect && whom === "some" && inCircle && <PickInCircle people={[...circle.values()]} picked={picked} onPicked={setPicked} />}
        {externals > 0 && <div className={styles.stay}><InfoNote tone="warn">{t("ding.externals", { count: externals })}</InfoNote></div>}
        {!isDirect && whom === "some" && !inCircle && <PeoplePicker {...picker} picked={picked} onPicked={setPicked} />}
        {rules && <p className={styles.quiet}>{t("ding.limits", { day: rules.perDay, ten: rules.perTenMinutes })}</p>}
        {send.error && <ErrorNote cause={send.error} />}
      </div>
    </Dialog>
  );
}
