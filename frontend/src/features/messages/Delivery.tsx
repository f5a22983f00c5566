import type { TFunction } from "i18next";
import { Check, CheckCheck, Clock3 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ConversationKind, DeliveryState, type Message } from "../../api";
import styles from "./conversation.module.css";
import { ReceiptsDialog } from "./ReceiptsDialog";

export function stateWords(message: Message, kind: ConversationKind, t: TFunction): string {
  const direct = kind === ConversationKind.DIRECT;
  switch (message.state) {
    case DeliveryState.READ: {
      if (direct) return t("delivery.readOne");
      const unread = Math.max(0, message.otherCount - message.readCount);
      return unread === 0 ? t("delivery.readAll") : t("delivery.read", { read: message.readCount, unread });
    }
    case DeliveryState.DELIVERED:
      return direct ? t("delivery.deliveredOne") : t("delivery.delivered", { delivered: message.deliveredCount });
    default:
      return t("delivery.waiting");
  }
}

/** The true state of one's own message, in words and by icon. */
export function Delivery({ message, kind }: { message: Message; kind: ConversationKind }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  // Alone in the conversation: there is nobody to deliver it to.
  if (message.otherCount === 0) return null;
  const words = stateWords(message, kind, t);
  const [Icon, name] = message.state === DeliveryState.READ ? ([CheckCheck, "read"] as const)
    : message.state === DeliveryState.DELIVERED ? ([Check, "delivered"] as const) : ([Clock3, "waiting"] as const);
  return (
    <>
      <button type="button" className={styles.state} data-state={name} onClick={() => setOpen(true)} aria-label={t("delivery.open", { state: words })} title={name === "waiting" ? t("delivery.waitingLong") : undefined}>
        <Icon aria-hidden />{words}
      </button>
      {open && <ReceiptsDialog message={message} onClose={() => setOpen(false)} />}
    </>
  );
}
