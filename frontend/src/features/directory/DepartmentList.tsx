import { Building, Users } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Member } from "../../api";
import { useColumns } from "../../ui";
import styles from "./directory.module.css";

export const ALL = "\u0000all";
export const NONE = "\u0000none";

export function DepartmentList({ members, chosen, onChoose }: { members: readonly Member[]; chosen: string; onChoose: (department: string) => void }) {
  const { t, i18n } = useTranslation();
  const { closeList } = useColumns();
  const departments = useMemo(() => {
    const counts = new Map<string, number>();
    for (const { department } of members) counts.set(department, (counts.get(department) ?? 0) + 1);
    const named = [...counts].filter(([name]) => name !== "").sort(([a], [b]) => a.localeCompare(b, i18n.language));
    const without = counts.get("") ?? 0;
    return { named, without: named.length > 0 ? without : 0 };
  }, [members, i18n.language]);
  const entry = (key: string, name: string, count: number, icon: "all" | "one") => (
    <li key={key}>
      <button type="button" className={styles.department} aria-current={chosen === key ? "true" : undefined} onClick={() => {
        onChoose(key);
        closeList();
      }}>
        {icon === "all" ? <Users aria-hidden /> : <Building aria-hidden />}
        <span><bdi>{name}</bdi></span><small>{count}</small>
      </button>
    </li>
  );
  return (
    <>
      <h2 className={styles.listHead}>{t("directory.list")}</h2>
      <ul className={styles.departments}>
        {entry(ALL, t("directory.all"), members.length, "all")}
        {departments.named.map(([name, count]) => entry(name, name, count, "one"))}
        {departments.without > 0 && entry(NONE, t("directory.none"), departments.without, "one")}
      </ul>
    </>
  );
}
