import { useTranslation } from "react-i18next";
import { avatarLetters, tint } from "../lib/names";
import styles from "./Avatar.module.css";
import { cx } from "./cx";

interface AvatarProps {
  id: string;
  name: string;
  size?: "xs" | "sm" | "md" | "lg";
  /** Shows a dot, with its meaning for those who do not see it. */
  online?: boolean;
  /** Letters other than those of the name. */
  letters?: string;
}

export function Avatar({ id, name, size = "md", online = false, letters }: AvatarProps) {
  const { t } = useTranslation();
  const shown = letters ?? avatarLetters(name);
  return (
    <span className={cx(styles.avatar, styles[size], styles[`tint${tint(id)}`], [...shown].length > 1 && styles.two)}>
      <span className={styles.letters} aria-hidden>{shown}</span>
      {online && <span className={styles.dot} role="img" aria-label={t("presence.online")} title={t("presence.online")} />}
    </span>
  );
}
