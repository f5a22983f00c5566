import { useTranslation } from "react-i18next";
import { joinNames } from "../../lib/names";
import { useTyping } from "../../live";
import styles from "./conversation.module.css";
import { useCalled } from "./External";

/** Who is writing now: in a conversation, or in one of its threads. */
export function Typing({ conversationId, thread = "" }: { conversationId: string; thread?: string }) {
  const { t, i18n } = useTranslation();
  const called = useCalled();
  const names = useTyping(conversationId, thread).map(({ personId, name }) => called(personId, name));
  return (
    <p className={styles.typing} role="status">
      {names.length > 3 ? t("messages.typingMany") : names.length > 0 ? t("messages.typing", { count: names.length, names: joinNames(names, i18n.language) }) : ""}
    </p>
  );
}
