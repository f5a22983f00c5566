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
  /** Shown in place of the letters. */
  picture?: string | undefined;
}

export function Avatar({ id, name, size = "md", online = false, letters, picture }: AvatarProps) {
  const { t } = useTranslation();
  const shown = letters ?? avatarLetters(name);
  return (
    <span className={cx(styles.avatar, styles[size], styles[`tint${tint(id)}`], [...shown].length > 1 && styles.two)}>
      {picture === undefined ? <span className={styles.letters} aria-hidden>{shown}</span> : <img className={styles.picture} src={picture} alt="" draggable={false} />}
      {online && <span className={styles.dot} role="img" aria-label={t("presence.online")} title={t("presence.online")} />}
    </span>
  );
}
