import { MessageSquareText } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { ThreadSummary } from "../../api";
import { brief, full } from "../../lib/time";
import { Avatar, cx } from "../../ui";
import { useDeeds } from "./deeds";
import { useCalled } from "./External";
import styles from "./thread.module.css";

/** Below the message at which a thread began: how it goes on. */
export function ThreadLine({ thread, mine }: { thread: ThreadSummary; mine: boolean }) {
  const { t, i18n } = useTranslation();
  const deeds = useDeeds();
  const called = useCalled();
  const last = Number(thread.lastUnixMs);
  return (
    <div className={cx(styles.below, mine && styles.mine)}>
      <button type="button" className={styles.line} disabled={!deeds} data-unread={thread.unread > 0 ? "" : undefined} onClick={() => deeds?.openThread(thread.id)}>
        <span className={styles.faces} aria-hidden>{thread.people.slice(0, 3).map((one) => <Avatar key={one.personId} id={one.personId} name={one.personName} size="xs" />)}</span>
        <b>{t("thread.replies", { count: thread.replies })}</b>
        <span className={styles.last} title={full(last, i18n.language)}>{t("thread.last", { name: called(thread.lastPersonId, thread.lastPersonName), time: brief(last, Date.now(), i18n.language, { today: t("messages.today"), yesterday: t("messages.yesterday") }) })}</span>
        {thread.unread > 0 && <span className={styles.unread}>{t("thread.unread", { count: thread.unread })}</span>}
      </button>
    </div>
  );
}

/** On a reply that the conversation shows, too. */
export function ThreadMark({ thread }: { thread: string }) {
  const { t } = useTranslation();
  const deeds = useDeeds();
  return <button type="button" className={styles.mark} disabled={!deeds} onClick={() => deeds?.openThread(thread)}><MessageSquareText aria-hidden />{t("thread.inThread")}</button>;
}
