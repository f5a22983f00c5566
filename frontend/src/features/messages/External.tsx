import { Handshake } from "lucide-react";
import { createContext, useContext, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ConversationKind, type CirclePerson, type Conversation } from "../../api";
import { useCirclePeople } from "../../live";
import { ExternalTag } from "../../ui";
import styles from "./circles.module.css";

const People = createContext<ReadonlyMap<string, CirclePerson>>(new Map());

/** Lets everything inside know who of a circle is from another workspace. */
export function CircleOf({ conversation, children }: { conversation: Conversation | undefined; children: ReactNode }) {
  return <People value={useCirclePeople(conversation?.id ?? "", conversation?.kind ?? ConversationKind.UNSPECIFIED)}>{children}</People>;
}

/** The people of the circle around, by their IDs; in other conversations nobody. */
export const useInCircle = () => useContext(People);

/** Beside a name: from which workspace, where that is not ours. */
export function ExternalMark({ personId, brief = false }: { personId: string; brief?: boolean }) {
  const person = useInCircle().get(personId);
  return person?.isExternal ? <ExternalTag workspace={person.workspaceName} brief={brief} /> : null;
}

/** What somebody is called within a sentence, where no mark can stand. */
export function useCalled(): (personId: string, name: string) => string {
  const { t } = useTranslation();
  const people = useInCircle();
  return (personId, name) => (people.get(personId)?.isExternal ? t("notice.external", { name }) : name);
}

/** Above what one writes: who else reads it. */
export function ExternalsLine({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation();
  if (conversation.externalCount === 0) return null;
  return <p className={styles.line}><Handshake aria-hidden />{t("circles.line", { count: conversation.externalCount })}</p>;
}
