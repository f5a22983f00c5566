import { useState } from "react";
import { useTranslation } from "react-i18next";
import { avatarLetters, tint } from "../lib/names";
import styles from "./Avatar.module.css";
import { cx } from "./cx";
import { usePortrait } from "./portraits";

interface AvatarProps {
  /** Of a person, whose picture is shown where there is one; or of anything else that letters stand for. */
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
  const portrait = usePortrait(id);
  // What is not to be had falls back to letters; another address is tried again.
  const [broken, setBroken] = useState<string>();
  const source = picture ?? portrait;
  return (
    <span className={cx(styles.avatar, styles[size], styles[`tint${tint(id)}`], [...shown].length > 1 && styles.two)}>
      {source === undefined || source === broken
        ? <span className={styles.letters} aria-hidden>{shown}</span>
        : <img className={styles.picture} src={source} alt="" draggable={false} onError={() => setBroken(source)} />}
      {online && <span className={styles.dot} role="img" aria-label={t("presence.online")} title={t("presence.online")} />}
    </span>
  );
}
