import type { TFunction } from "i18next";
import { Check, CheckCheck, Clock3 } from "lucide-react";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ConversationKind, DeliveryState, type Message } from "../../api";
import { RelayIcon } from "../../ui";
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
    case DeliveryState.AT_RELAY:
      return t("delivery.atRelay");
    default:
      return t("delivery.waiting");
  }
}

/** The whole truth, for the tooltip: where the message is, and where it is not yet. */
export function stateSentence(message: Message, kind: ConversationKind, t: TFunction): string {
  const direct = kind === ConversationKind.DIRECT;
  const others = message.otherCount;
  switch (message.state) {
    case DeliveryState.READ:
      return direct ? t("delivery.readLongOne") : t("delivery.readLong", { read: message.readCount, others });
    case DeliveryState.DELIVERED:
      return direct ? t("delivery.deliveredLongOne") : t("delivery.deliveredLong", { delivered: message.deliveredCount, others });
    case DeliveryState.AT_RELAY:
      return t("delivery.atRelayLong");
    default:
      return t("delivery.waitingLong");
  }
}

function look(state: DeliveryState): readonly [icon: ReactNode, name: string] {
  switch (state) {
    case DeliveryState.READ:
      return [<CheckCheck aria-hidden />, "read"];
    case DeliveryState.DELIVERED:
      return [<Check aria-hidden />, "delivered"];
    case DeliveryState.AT_RELAY:
      return [<RelayIcon sign="check" />, "relay"];
    default:
      return [<Clock3 aria-hidden />, "waiting"];
  }
}

/** The true state of one's own message, in words and by icon. */
export function Delivery({ message, kind }: { message: Message; kind: ConversationKind }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  // Alone in the conversation: there is nobody to deliver it to.
  if (message.otherCount === 0) return null;
  const words = stateWords(message, kind, t);
  const [icon, name] = look(message.state);
  return (
    <>
      <button type="button" className={styles.state} data-state={name} onClick={() => setOpen(true)} aria-label={t("delivery.open", { state: words })} title={stateSentence(message, kind, t)}>
        {icon}{words}
      </button>
      {open && <ReceiptsDialog message={message} kind={kind} onClose={() => setOpen(false)} />}
    </>
  );
}
