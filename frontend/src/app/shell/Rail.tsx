import { Link, useMatchRoute } from "@tanstack/react-router";
import { FilePenLine, FolderSync, MessageSquare, Settings, Users, Video } from "lucide-react";
import { useTranslation } from "react-i18next";
import { CountBadge, Mark } from "../../ui";
import styles from "./Shell.module.css";

/** Only what exists stands here. */
export function Rail({ ws, unread, attention, missed, toSign }: { ws: string; unread: number; attention: number; missed: number; toSign: number }) {
  const { t } = useTranslation();
  // The link leads to the first section; the entry stands for all of them.
  const inSettings = useMatchRoute()({ to: "/w/$ws/settings/$section" }) !== false;
  return (
    <nav className={styles.rail} aria-label={t("nav.main")}>
      <span className={styles.mark}><Mark size={34} /></span>
      <Link to="/w/$ws/messages" params={{ ws }} className={styles.entry} activeProps={{ "aria-current": "page" }}>
        <MessageSquare aria-hidden />{t("nav.messages")}
        <CountBadge className={styles.badge} count={unread} label={t("nav.unread", { count: unread })} />
      </Link>
      <Link to="/w/$ws/directory" params={{ ws }} className={styles.entry} activeProps={{ "aria-current": "page" }}>
        <Users aria-hidden />{t("nav.directory")}
      </Link>
      <Link to="/w/$ws/folders" params={{ ws }} className={styles.entry} activeProps={{ "aria-current": "page" }}>
        <FolderSync aria-hidden />{t("nav.folders")}
        <CountBadge className={styles.badge} count={attention} label={t("nav.attention", { count: attention })} />
      </Link>
      <Link to="/w/$ws/meetings" params={{ ws }} className={styles.entry} activeProps={{ "aria-current": "page" }}>
        <Video aria-hidden />{t("nav.meetings")}
        <CountBadge className={styles.badge} count={missed} label={t("nav.missed", { count: missed })} />
      </Link>
      <Link to="/w/$ws/contracts" params={{ ws }} className={styles.entry} activeProps={{ "aria-current": "page" }}>
        <FilePenLine aria-hidden />{t("nav.contracts")}
        <CountBadge className={styles.badge} count={toSign} label={t("nav.toSign", { count: toSign })} />
      </Link>
      <span className={styles.grow} />
      <Link to="/w/$ws/settings/$section" params={{ ws, section: "general" }} className={styles.entry} aria-current={inSettings ? "page" : undefined}>
        <Settings aria-hidden />{t("nav.settings")}
      </Link>
    </nav>
  );
}
