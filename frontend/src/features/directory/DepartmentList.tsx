import { Building2, Clock, Plus, Star, UserRoundX, Users, UserSearch } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Whom, type PersonRow } from "../../api";
import { useFavourites, useRecents } from "../../lib/near";
import { useSomePeople, useTree } from "../../live";
import { Avatar, IconButton, useColumns } from "../../ui";
import { DepartmentTree } from "./DepartmentTree";
import styles from "./directory.module.css";

/** What the list shows: a department, or one of the lists beside them. */
export interface Shown {
  readonly department: string;
  readonly whom: Whom;
}

export const EVERYBODY: Shown = { department: "", whom: Whom.BELOW };

export function DepartmentList({ ws, shown, path, onShow, onPerson, onAdd }: {
  ws: string;
  shown: Shown;
  path: readonly string[];
  onShow: (shown: Shown) => void;
  onPerson: (key: string) => void;
  onAdd: () => void;
}) {
  const { t } = useTranslation();
  const { closeList } = useColumns();
  const { data } = useTree(ws, "");
  const entry = (name: string, whom: Whom, count: number | undefined, icon: ReactNode) => (
    <li key={whom}>
      <button type="button" className={styles.department} aria-current={shown.department === "" && shown.whom === whom ? "true" : undefined} onClick={() => {
        onShow({ department: "", whom });
        closeList();
      }}>
        {icon}<span><bdi>{name}</bdi></span><small>{count}</small>
      </button>
    </li>
  );
  const withTree = (data?.departments.length ?? 0) > 0;
  return (
    <>
      <ul className={styles.departments}>
        {entry(t("directory.all"), Whom.BELOW, data?.total, <Users aria-hidden />)}
        {data && data.outside > 0 && entry(t("directory.outside"), Whom.OUTSIDE, data.outside, <UserSearch aria-hidden />)}
        {data && data.left > 0 && data.administers && entry(t("directory.leftList"), Whom.LEFT, data.left, <UserRoundX aria-hidden />)}
      </ul>
      <Marked ws={ws} onPerson={onPerson} />
      <div className={styles.sectionHead}>
        <h2 className={styles.listHead}>{t("directory.list")}</h2>
        {data?.administers && <IconButton label={t("directory.addDepartment")} onClick={onAdd}><Plus /></IconButton>}
      </div>
      <DepartmentTree ws={ws} chosen={shown.department} open={path} onChoose={(department) => {
        onShow({ department: department.id, whom: Whom.BELOW });
        closeList();
      }} />
      {withTree && data && data.without > 0 && <ul className={styles.departments}>{entry(t("directory.none"), Whom.WITHOUT, data.without, <Building2 aria-hidden />)}</ul>}
    </>
  );
}

/** Favourites and recents of this device, one press away. */
function Marked({ ws, onPerson }: { ws: string; onPerson: (key: string) => void }) {
  const { t } = useTranslation();
  const favourites = useSomePeople(ws, useFavourites(ws));
  const recents = useSomePeople(ws, useRecents(ws)).filter((row) => !favourites.some((other) => other.key === row.key)).slice(0, 5);
  const list = (name: string, icon: ReactNode, rows: readonly PersonRow[]) => rows.length > 0 && (
    <section aria-label={name}>
      <h2 className={styles.listHead}>{icon}{name}</h2>
      <ul className={styles.departments}>
        {rows.map((row) => (
          <li key={row.key}>
            <button type="button" className={styles.department} onClick={() => onPerson(row.key)}>
              <Avatar id={row.key} name={row.name} size="xs" /><span><bdi>{row.name}</bdi></span><small>{row.title}</small>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
  return <>{list(t("directory.favourites"), <Star aria-hidden />, favourites)}{list(t("directory.recents"), <Clock aria-hidden />, recents)}</>;
}
