import { useTranslation } from "react-i18next";
import { DeliveryState, type Message } from "../../api";
import { useReceipts } from "../../live";
import { Avatar, Dialog, ErrorNote, Waiting } from "../../ui";
import styles from "./panels.module.css";

export function ReceiptsDialog({ message, onClose }: { message: Message; onClose: () => void }) {
  const { t } = useTranslation();
  const { data, error } = useReceipts(message.conversationId, message.id);
  const groups = [
    { title: t("delivery.groupRead"), people: data?.filter((receipt) => receipt.state === DeliveryState.READ) },
    { title: t("delivery.groupDelivered"), people: data?.filter((receipt) => receipt.state === DeliveryState.DELIVERED) },
    { title: t("delivery.groupWaiting"), people: data?.filter((receipt) => receipt.state !== DeliveryState.READ && receipt.state !== DeliveryState.DELIVERED) },
  ];
  return (
    <Dialog open onClose={onClose} title={t("delivery.title")} size="sm">
      {error ? <ErrorNote cause={error} /> : !data ? <Waiting /> : groups.map(({ title, people }) => (
        <section key={title} className={styles.group} aria-label={title}>
          <h3>{title}<span>{people?.length ?? 0}</span></h3>
          {people && people.length > 0 ? (
            <ul>{people.map((receipt) => <li key={receipt.personId} className={styles.person}><Avatar id={receipt.personId} name={receipt.personName} size="xs" /><bdi>{receipt.personName}</bdi></li>)}</ul>
          ) : <p className={styles.quiet}>{t("delivery.nobody")}</p>}
        </section>
      ))}
    </Dialog>
  );
}
