import { useTranslation } from "react-i18next";
import { DeliveryState, type Message } from "../../api";
import { useReceipts } from "../../live";
import { Avatar, Dialog, ErrorNote, RelayIcon, Waiting } from "../../ui";
import { ExternalMark } from "./External";
import styles from "./panels.module.css";

export function ReceiptsDialog({ message, onClose }: { message: Message; onClose: () => void }) {
  const { t } = useTranslation();
  const { data, error } = useReceipts(message.conversationId, message.id);
  const at = (...states: DeliveryState[]) => data?.filter((receipt) => states.includes(receipt.state)) ?? [];
  const kept = at(DeliveryState.AT_RELAY);
  const groups = [
    { title: t("delivery.groupRead"), people: at(DeliveryState.READ) },
    { title: t("delivery.groupDelivered"), people: at(DeliveryState.DELIVERED) },
    ...(kept.length > 0 ? [{ title: t("delivery.groupAtRelay"), people: kept, note: t("delivery.groupAtRelayNote") }] : []),
    { title: t("delivery.groupWaiting"), people: at(DeliveryState.WAITING, DeliveryState.UNSPECIFIED) },
  ];
  return (
    <Dialog open onClose={onClose} title={t("delivery.title")} size="sm">
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
