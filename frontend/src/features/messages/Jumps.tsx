import { ArrowDown, ArrowUp, AtSign } from "lucide-react";
import { useTranslation } from "react-i18next";
import { cx } from "../../ui";
import styles from "./conversation.module.css";
import depth from "./depth.module.css";

/** What is out of view and worth going to: the first unread message above, a mention, the newest. */
export function Jumps({ above, unreadAbove, mention, atEnd, unreadBelow, onJump, onNewest }: {
  /** The first unread message, where it lies above what is in view; or "". */
  above: string;
  unreadAbove: number;
  mention: string;
  atEnd: boolean;
  unreadBelow: number;
  onJump: (id: string) => void;
  onNewest: () => void;
}) {
  const { t } = useTranslation();
  return (
    <>
      {above !== "" && (
        <button type="button" className={cx(styles.jump, depth.toUnread)} onClick={() => onJump(above)}><ArrowUp aria-hidden />{unreadAbove > 0 ? t("thread.unreadAbove", { count: unreadAbove }) : t("thread.unreadAboveSome")}</button>
      )}
      {mention !== "" && !atEnd && <button type="button" className={cx(styles.jump, depth.toMention)} onClick={() => onJump(mention)}><AtSign aria-hidden />{t("depth.toMention")}</button>}
      {!atEnd && (
        <button type="button" className={styles.jump} data-round={unreadBelow > 0 ? undefined : ""} aria-label={unreadBelow > 0 ? undefined : t("messages.toLatest")} onClick={onNewest}>
          <ArrowDown aria-hidden />{unreadBelow > 0 && t("messages.newBelow", { count: unreadBelow })}
        </button>
      )}
    </>
  );
}
