import { CornerUpLeft, Ellipsis, SmilePlus } from "lucide-react";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Message } from "../../api";
import { IconButton } from "../../ui";
import styles from "./depth.module.css";
import { useDeeds } from "./deeds";

/** What one does most with a message: shown while the pointer or the focus is in its row. */
export function MessageBar({ message, writable }: { message: Message; writable: boolean }) {
  const { t } = useTranslation();
  const deeds = useDeeds();
  const more = useRef<HTMLButtonElement>(null);
  if (!deeds) return null;
  return (
    <div className={styles.bar} data-mine={message.isMine ? "" : undefined} role="toolbar" aria-label={t("depth.bar")}>
      {writable && <IconButton label={t("depth.react")} onClick={(event) => deeds.openEmoji(message, event.currentTarget)}><SmilePlus /></IconButton>}
      {writable && <IconButton label={t("depth.reply")} onClick={() => deeds.reply(message)}><CornerUpLeft /></IconButton>}
      <IconButton ref={more} label={t("depth.more")} aria-haspopup="menu" onClick={(event) => deeds.openMenu(message, event.currentTarget, event.currentTarget)}><Ellipsis /></IconButton>
    </div>
  );
}
