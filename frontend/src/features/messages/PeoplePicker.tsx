import { Check } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { VList } from "virtua";
import { matchAny } from "../../lib/match";
import { useMembers } from "../../live";
import { Avatar, Field, Highlight } from "../../ui";
import styles from "./panels.module.css";

/** Choose people by name, pinyin or department. */
export function PeoplePicker({ ws, without, picked, onPicked }: {
  ws: string;
  without: readonly string[];
  picked: ReadonlySet<string>;
  onPicked: (picked: ReadonlySet<string>) => void;
}) {
  const { t } = useTranslation();
  const members = useMembers(ws).data;
  const [query, setQuery] = useState("");
  const shown = useMemo(() => {
    const left = new Set(without);
    return (members ?? []).filter((member) => !member.isMe && !left.has(member.personId) && matchAny([member.name, member.department, member.title], query));
  }, [members, without, query]);
  const toggle = (id: string) => {
    const next = new Set(picked);
    if (!next.delete(id)) next.add(id);
    onPicked(next);
  };
  return (
    <div className={styles.picker}>
      <Field bare label={t("group.pick")} placeholder={t("group.pick")} value={query} onChange={(event) => setQuery(event.target.value)} />
      <div role="group" aria-label={t("group.people")} className={styles.pickList}>
        {shown.length === 0 ? <p className={styles.quiet}>{t("group.noMatch")}</p> : (
          <VList style={{ height: Math.min(shown.length * 44, 264) }}>
            {shown.map((member) => (
              <label key={member.personId} className={styles.pick}>
                <input type="checkbox" checked={picked.has(member.personId)} onChange={() => toggle(member.personId)} />
                <span className={styles.tick} aria-hidden><Check /></span>
                <Avatar id={member.personId} name={member.name} size="xs" />
                <span className={styles.pickName}><Highlight text={member.name} query={query} /></span>
                <small>{member.department}</small>
              </label>
            ))}
          </VList>
        )}
      </div>
      <p className={styles.quiet} role="status">{t("group.picked", { count: picked.size })}</p>
    </div>
  );
}
