import { useTranslation } from "react-i18next";
import { ConversationKind, type Conversation } from "../../api";
import { Avatar } from "../../ui";
import styles from "./conversation.module.css";
import { HistoryNote } from "./HistoryRule";
import { conversationFace, conversationName } from "./names";

/** Above the first message: who reads this. */
export function ConversationStart({ conversation, workspaceName, incomplete, empty }: {
  conversation: Conversation;
  workspaceName: string;
  incomplete: boolean;
  empty: boolean;
}) {
  const { t } = useTranslation();
  if (incomplete) return <p className={styles.coming} role="status">{t("messages.historyComing")}</p>;
  const name = conversationName(conversation, t);
  return (
    <div className={styles.start}>
      <Avatar id={conversationFace(conversation)} name={name} size="lg" />
      <b><bdi>{name}</bdi></b>
      <p>
        {conversation.kind === ConversationKind.EVERYONE ? t("messages.startEveryone", { name: workspaceName })
          : conversation.kind === ConversationKind.MEETING ? t("messages.startMeeting")
          : conversation.kind === ConversationKind.CIRCLE ? t("circles.start", { name })
          : conversation.kind === ConversationKind.GROUP ? t("messages.startGroup", { name })
            : t("messages.startDirect", { name })}
      </p>
      <HistoryNote conversation={conversation} />
      {empty && conversation.canWrite && <p>{t("messages.firstHint")}</p>}
    </div>
  );
}
