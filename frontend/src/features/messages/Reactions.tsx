import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Message } from "../../api";
import { joinNames } from "../../lib/names";
import { useApi } from "../../live";
import { cx, Dialog, ErrorNote, ExternalTag, Waiting } from "../../ui";
import styles from "./depth.module.css";
import { useDeeds } from "./deeds";
import { useInCircle } from "./External";

/** The reactions to a message: a press adds one's own or takes it away, the last chip tells whose they are. */
export function Reactions({ message, writable }: { message: Message; writable: boolean }) {
  const { t } = useTranslation();
  const deeds = useDeeds();
  if (message.reactions.length === 0) return null;
  return (
    <div className={styles.reactions} role="group" aria-label={t("depth.reactions")}>
      {message.reactions.map(({ emoji, count, isMine }) => (
        <button
          key={emoji} type="button" className={cx(styles.reaction, isMine && styles.mine)} aria-pressed={isMine} disabled={!writable || !deeds}
          aria-label={t("depth.reaction", { emoji, count })} onClick={() => deeds?.react(message, emoji, !isMine)}
        >
          <span aria-hidden className={styles.emoji}>{emoji}</span><span aria-hidden>{count}</span>
        </button>
      ))}
      {deeds && <button type="button" className={styles.who} onClick={() => deeds.openReactions(message)}>{t("depth.whoReacted")}</button>}
    </div>
  );
}

export function ReactionsDialog({ message, onClose }: { message: Message; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const { data, error } = useQuery({
    queryKey: [`chat:${message.conversationId}`, "reactions", message.id],
    queryFn: async ({ signal }) => (await api.chat.reactions({ conversationId: message.conversationId, messageId: message.id }, { signal })).reactions,
  });
  return (
    <Dialog open onClose={onClose} title={t("depth.reactions")} size="sm">
      {error ? <ErrorNote cause={error} /> : !data ? <Waiting /> : (
        <ul className={styles.reacted}>
          {data.map(({ emoji, count, personNames, personIds }) => (
            <li key={emoji}><span className={styles.big}>{emoji}</span><Reacted count={count} names={personNames} ids={personIds} /></li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}

/** Externals stand behind the others, after one mark for all of them. */
function Reacted({ count, names, ids }: { count: number; names: readonly string[]; ids: readonly string[] }) {
  const { i18n } = useTranslation();
  const circle = useInCircle();
  const isExternal = (index: number) => circle.get(ids[index] ?? "")?.isExternal ?? false;
  const ours = names.filter((_, index) => !isExternal(index));
  const externals = names.filter((_, index) => isExternal(index));
  return (
    <span className={styles.names}>
      <b>{count}</b> {ours.length > 0 && <bdi>{joinNames(ours, i18n.language)}</bdi>}
      {externals.length > 0 && <span className={styles.outside}><ExternalTag brief /> <bdi>{joinNames(externals, i18n.language)}</bdi></span>}
    </span>
  );
}
