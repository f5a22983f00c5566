import { useQuery } from "@tanstack/react-query";
import { Pin, PinOff } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Conversation } from "../../api";
import { full } from "../../lib/time";
import { useApi } from "../../live";
import { Dialog, IconButton } from "../../ui";
import styles from "./depth.module.css";
import type { Deeds } from "./deeds";
import { ExternalMark, useCalled } from "./External";
import { brief } from "./names";

/** What is pinned stands above the messages: the last one, and the way to all. */
export function PinStrip({ conversation, deeds }: { conversation: Conversation; deeds: Deeds }) {
  const { t, i18n } = useTranslation();
  const api = useApi();
  const [open, setOpen] = useState(false);
  const called = useCalled();
  const { data } = useQuery({
    queryKey: [`chat:${conversation.id}`, "pinned"],
    queryFn: async ({ signal }) => (await api.chat.pinned({ conversationId: conversation.id }, { signal })).pinned,
  });
  const last = data?.[0]?.message;
  if (!data || !last) return null;
  const jump = (id: string) => {
    setOpen(false);
    deeds.jump(id);
  };
  return (
    <>
      <div className={styles.strip} role="region" aria-label={t("depth.pinned")}>
        <Pin aria-hidden />
        <button type="button" className={styles.stripText} onClick={() => jump(last.id)}><b><bdi>{last.personName}</bdi></b><ExternalMark personId={last.personId} brief /><bdi>{brief(last, t)}</bdi></button>
        {data.length > 1 && <button type="button" className={styles.all} onClick={() => setOpen(true)}>{t("depth.allPinned", { count: data.length })}</button>}
        {conversation.canPin && <IconButton label={t("depth.unpin")} onClick={() => deeds.pin(last, false)}><PinOff /></IconButton>}
      </div>
      {open && (
        <Dialog open onClose={() => setOpen(false)} title={t("depth.pinned")} size="sm">
          <ul className={styles.pins}>
            {data.map(({ message, personId, personName, pinnedUnixMs }) => message && (
              <li key={message.id}>
                <button type="button" onClick={() => jump(message.id)}>
                  <span className={styles.pinned}><b><bdi>{message.personName}</bdi></b><ExternalMark personId={message.personId} brief /></span><span><bdi>{brief(message, t)}</bdi></span>
                  <small>{t("depth.pinnedBy", { name: called(personId, personName), time: full(Number(pinnedUnixMs), i18n.language) })}</small>
                </button>
                {conversation.canPin && <IconButton label={t("depth.unpin")} onClick={() => deeds.pin(message, false)}><PinOff /></IconButton>}
              </li>
            ))}
          </ul>
        </Dialog>
      )}
    </>
  );
}
