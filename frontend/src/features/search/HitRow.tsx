import { useTranslation } from "react-i18next";
import type { FoundMessage } from "../../api";
import { brief, full } from "../../lib/time";
import { useCirclePeople } from "../../live";
import { Avatar, ExternalTag, FileIcon } from "../../ui";
import { placeName } from "./found";
import { Marked } from "./Marked";
import styles from "./search.module.css";

/** One message that was found; it leads among those around it. */
export function HitRow({ message, isHere, onOpen }: { message: FoundMessage; isHere: boolean; onOpen: () => void }) {
  const { t, i18n } = useTranslation();
  const found = useCirclePeople(message.conversationId, message.conversationKind).get(message.personId);
  const sent = Number(message.sentUnixMs);
  return (
    <button type="button" className={styles.hit} onClick={onOpen} disabled={!isHere}>
      <Avatar id={message.personId} name={message.personName} size="sm" />
      <span className={styles.words}>
        <span className={styles.who}>
          <b><bdi>{message.isMine ? t("messages.me") : message.personName}</bdi></b>
          {(found?.isExternal ?? message.isExternal) && <ExternalTag workspace={found?.workspaceName} />}
          <span><bdi>{placeName(message.conversationKind, message.conversationName, t)}</bdi></span>
          <time dateTime={new Date(sent).toISOString()} title={full(sent, i18n.language)}>{brief(sent, Date.now(), i18n.language, { today: t("messages.today"), yesterday: t("messages.yesterday") })}</time>
        </span>
        {message.excerpt !== "" && <span className={styles.excerpt}><Marked text={message.excerpt} marks={message.marks} /></span>}
        {message.files.map((file) => (
          <span key={file.index} className={styles.file}><FileIcon name={file.name} small /><Marked text={file.name} marks={file.marks} /></span>
        ))}
      </span>
    </button>
  );
}
