import { useMutation } from "@tanstack/react-query";
import { Zap } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ConversationKind, DeliveryState, type Message } from "../../api";
import { nonce } from "../../lib/nonce";
import { useApi, useNoticesChanged, useReceipts } from "../../live";
import { Avatar, Button, Dialog, ErrorNote, RelayIcon, Waiting } from "../../ui";
import { askDing } from "./ding/ask";
import { ExternalMark } from "./External";
import styles from "./panels.module.css";

/** Who has a message. Its author reminds those who have not read it, by one press: an urgent notice of this message, to them. */
export function ReceiptsDialog({ message, kind, onClose }: { message: Message; kind: ConversationKind; onClose: () => void }) {
  const { t } = useTranslation();
  const { data, error } = useReceipts(message.conversationId, message.id);
  const api = useApi();
  const changed = useNoticesChanged();
  const [attempt] = useState(nonce);
  const unread = data?.filter(({ state }) => state !== DeliveryState.READ).map(({ personId }) => personId) ?? [];
  const direct = kind === ConversationKind.DIRECT;
  const remind = useMutation({
    mutationFn: () => api.ding.send({ conversationId: message.conversationId, messageId: message.id, toAll: direct, personIds: direct ? [] : unread, nonce: attempt }),
    onSuccess(sent) {
      changed("ding");
      onClose();
      askDing({ what: "one", id: sent.id });
    },
  });
  const at = (...states: DeliveryState[]) => data?.filter((receipt) => states.includes(receipt.state)) ?? [];
  const kept = at(DeliveryState.AT_RELAY);
  const groups = [
    { title: t("delivery.groupRead"), people: at(DeliveryState.READ) },
    { title: t("delivery.groupDelivered"), people: at(DeliveryState.DELIVERED) },
    ...(kept.length > 0 ? [{ title: t("delivery.groupAtRelay"), people: kept, note: t("delivery.groupAtRelayNote") }] : []),
    { title: t("delivery.groupWaiting"), people: at(DeliveryState.WAITING, DeliveryState.UNSPECIFIED) },
  ];
  return (
    <Dialog
      open onClose={onClose} title={t("delivery.title")} size="sm"
      {...(message.isMine && unread.length > 0 && kind !== ConversationKind.MEETING && {
        actions: <Button icon={<Zap aria-hidden />} busy={remind.isPending} onClick={() => remind.mutate()}>{t("delivery.remind", { count: unread.length })}</Button>,
      })}
    >
      {remind.error && <ErrorNote cause={remind.error} />}
      {error ? <ErrorNote cause={error} /> : !data ? <Waiting /> : groups.map(({ title, people, note }) => (
        <section key={title} className={styles.group} aria-label={title}>
          <h3>{title}<span>{people.length}</span></h3>
          {note !== undefined && <p className={styles.keptNote}><RelayIcon sign="check" />{note}</p>}
          {people.length > 0 ? (
            <ul>{people.map((receipt) => <li key={receipt.personId} className={styles.person}><Avatar id={receipt.personId} name={receipt.personName} size="xs" /><bdi>{receipt.personName}</bdi><ExternalMark personId={receipt.personId} /></li>)}</ul>
          ) : <p className={styles.quiet}>{t("delivery.nobody")}</p>}
        </section>
      ))}
    </Dialog>
  );
}
