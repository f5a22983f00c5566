import { useTranslation } from "react-i18next";
import type { Message } from "../../api";
import styles from "./depth.module.css";
import { useCalled } from "./External";
import { recalledWords } from "./names";
import { useDeeds } from "./deeds";

/** Where a message was. Who took back one's own may write it anew. */
export function Tombstone({ message, writable }: { message: Message; writable: boolean }) {
  const { t } = useTranslation();
  const deeds = useDeeds();
  const called = useCalled();
  const text = message.recalled?.text ?? "";
  return (
    <p className={styles.tombstone}>
      <bdi>{recalledWords(message, t, called)}</bdi>
      {text !== "" && writable && deeds && <button type="button" onClick={() => deeds.writeAnew(text)}>{t("depth.writeAnew")}</button>}
    </p>
  );
}
