import { Zap } from "lucide-react";
import { useTranslation } from "react-i18next";
import { DingVerdict, type Message } from "../../../api";
import { useDingMarks } from "../../../live";
import { askDing } from "./ask";
import styles from "./ding.module.css";

/** Says of a message that it was put before people, or that it was meant to be. */
export function DingMark({ message }: { message: Message }) {
  const { t } = useTranslation();
  const mark = useDingMarks(message.conversationId).data?.find(({ messageId }) => messageId === message.id);
  if (!mark) return null;
  const words = mark.verdict !== DingVerdict.STANDS ? t("ding.over") : mark.isCalledOff ? t("ding.calledOff") : t("ding.mark");
  return message.isMine
    ? <button type="button" className={styles.mark} onClick={() => askDing({ what: "one", id: mark.dingId })}><Zap aria-hidden />{words}</button>
    : <span className={styles.mark}><Zap aria-hidden />{words}</span>;
}
