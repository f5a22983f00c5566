import { Check } from "lucide-react";
import { useMemo, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { VList } from "virtua";
import type { Member } from "../api";
import { matchAny } from "../lib/match";
import { Avatar } from "./Avatar";
import { Field } from "./Field";
import { Highlight } from "./Highlight";
import styles from "./PeoplePicker.module.css";

/** Choose people by name, pinyin or department. */
export function PeoplePicker({ members, without, picked, onPicked, end }: {
  members: readonly Member[] | undefined;
  without: readonly string[];
  picked: ReadonlySet<string>;
  onPicked: (picked: ReadonlySet<string>) => void;
  /** What stands at the end of the row of somebody who is chosen. */
  end?: (member: Member) => ReactNode;
}) {
  const { t } = useTranslation();
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
      <div role="group" aria-label={t("group.people")} className={styles.list}>
        {shown.length === 0 ? <p className={styles.quiet}>{t("group.noMatch")}</p> : (
          <VList style={{ height: Math.min(shown.length * 44, 264) }}>
            {shown.map((member) => (
              <div key={member.personId} className={styles.row}>
                <label className={styles.pick}>
                  <input type="checkbox" checked={picked.has(member.personId)} onChange={() => toggle(member.personId)} />
                  <span className={styles.tick} aria-hidden><Check /></span>
                  <Avatar id={member.personId} name={member.name} size="xs" />
                  <span className={styles.name}><Highlight text={member.name} query={query} /></span>
                  <small>{member.department}</small>
                </label>
                {picked.has(member.personId) && end?.(member)}
              </div>
            ))}
          </VList>
        )}
      </div>
      <p className={styles.quiet} role="status">{t("group.picked", { count: picked.size })}</p>
    </div>
  );
}
