import { UserPlus } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useConversations, usePresence, useWorkspace } from "../../live";
import { ErrorNote, IconButton, SkeletonRows } from "../../ui";
import { ConversationRow } from "./ConversationRow";
import styles from "./list.module.css";
import { NewCircle } from "./NewCircle";

export function ConversationList({ ws, chosen, onNewGroup }: { ws: string; chosen: string | undefined; onNewGroup: () => void }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useConversations(ws);
  const active = useWorkspace(ws)?.active ?? false;
  const presence = usePresence();
  return (
    <>
      <header className={styles.head}>
        <h2>{t("messages.list")}</h2>
        {active && <NewCircle ws={ws} />}
        {active && <IconButton label={t("messages.newGroup")} onClick={onNewGroup}><UserPlus /></IconButton>}
      </header>
      {error && !data && <div className={styles.note}><ErrorNote cause={error} onRetry={() => void refetch()} /></div>}
      {!data && !error && <SkeletonRows />}
      <ul className={styles.rows} aria-label={t("messages.list")}>
        {data?.map((conversation) => (
          <li key={conversation.id}>
            <ConversationRow ws={ws} conversation={conversation} chosen={conversation.id === chosen} online={presence.people.has(conversation.personId)} />
          </li>
        ))}
      </ul>
    </>
  );
}
