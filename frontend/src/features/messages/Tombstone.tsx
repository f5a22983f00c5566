import { useTranslation } from "react-i18next";
import type { Message } from "../../api";
import styles from "./depth.module.css";
import { recalledWords } from "./names";
import { useDeeds } from "./deeds";

/** Where a message was. Who took back one's own may write it anew. */
export function Tombstone({ message, writable }: { message: Message; writable: boolean }) {
  const { t } = useTranslation();
  const deeds = useDeeds();
  const text = message.recalled?.text ?? "";
  return (
    <p className={styles.tombstone}>
      <bdi>{recalledWords(message, t)}</bdi>
      {text !== "" && writable && deeds && <button type="button" onClick={() => deeds.writeAnew(text)}>{t("depth.writeAnew")}</button>}
    </p>
  );
}
