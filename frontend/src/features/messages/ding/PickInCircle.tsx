import type { CirclePerson } from "../../../api";
import { CheckRow } from "../../../ui";
import { useTranslation } from "react-i18next";
import styles from "./ding.module.css";

/** Chooses people of a circle, partners among them: no directory knows them all. */
export function PickInCircle({ people, picked, onPicked }: { people: readonly CirclePerson[]; picked: ReadonlySet<string>; onPicked: (picked: ReadonlySet<string>) => void }) {
  const { t } = useTranslation();
  const toggle = (id: string) => {
    const next = new Set(picked);
    if (!next.delete(id)) next.add(id);
    onPicked(next);
  };
  return (
    <div role="group" aria-label={t("group.people")} className={styles.pick}>
      {people.filter(({ isMe }) => !isMe).map(({ personId, name, workspaceName, isExternal }) => (
        <CheckRow key={personId} label={name} note={isExternal ? `${t("circles.external")} · ${workspaceName || t("circles.unsaid")}` : workspaceName} checked={picked.has(personId)} onChange={() => toggle(personId)} />
      ))}
    </div>
  );
}
