import { Link } from "@tanstack/react-router";
import { Video } from "lucide-react";
import { useTranslation } from "react-i18next";
import { formatMeetingLink, type MeetingLink } from "../../lib/meetingLink";
import { useHere } from "../../lib/routes";
import { full } from "../../lib/time";
import { useCalls, useConversations } from "../../live";
import styles from "./attachments.module.css";
import { conversationName } from "./names";

/** A link to a meeting, as a card that leads there. Who does not belong to the conversation sees that there is one. */
export function MeetingCard({ link }: { link: MeetingLink }) {
  const ws = useHere();
  return ws === undefined ? <>{formatMeetingLink(link)}</> : <Card ws={ws} link={link} />;
}

function Card({ ws, link }: { ws: string; link: MeetingLink }) {
  const { t, i18n } = useTranslation();
  const conversation = useConversations(ws).data?.find(({ id }) => id === link.conversation);
  const calls = useCalls(ws).data;
  const planned = calls?.planned.find(({ id }) => id === link.planned);
  const ongoing = calls?.ongoing.find((call) => call.conversationId === link.conversation);
  const words = (
    <>
      <span className={styles.meetingIcon} aria-hidden><Video /></span>
      <span className={styles.words}>
        <bdi className={styles.fileName}>{planned?.title || (conversation ? conversationName(conversation, t) : t("meetings.card.name"))}</bdi>
        <small>{!conversation ? t("meetings.card.notYours") : ongoing ? t("meetings.card.ongoing") : planned ? full(Number(planned.startUnixMs), i18n.language) : t("meetings.card.open")}</small>
      </span>
    </>
  );
  if (!conversation) return <span className={styles.folderCard} data-absent="">{words}</span>;
  return ongoing
    ? <Link to="/w/$ws/meetings/$call" params={{ ws, call: ongoing.id }} className={styles.folderCard}>{words}</Link>
    : <Link to="/w/$ws/meetings/new" params={{ ws }} search={{ conversation: conversation.id, video: true, ...(planned && { planned: planned.id }) }} className={styles.folderCard}>{words}</Link>;
}
