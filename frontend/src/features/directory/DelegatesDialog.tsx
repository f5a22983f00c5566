import { useMutation } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Department } from "../../api";
import { useApi, usePeoplePage, useTree } from "../../live";
import { Avatar, Dialog, ErrorNote, Field, IconButton, InfoNote } from "../../ui";
import styles from "./changes.module.css";
import { EVERYBODY } from "./DepartmentList";
import rows from "./directory.module.css";

/** Who administers a department besides the administrators. */
export function DelegatesDialog({ ws, department, onClose }: { ws: string; department: Department; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const [query, setQuery] = useState("");
  const now = useTree(ws, department.id).data?.path.at(-1)?.delegates ?? department.delegates;
  const found = usePeoplePage(ws, { ...EVERYBODY, query: query.trim() === "" ? "\u0000" : query.trim() }, 0).data?.rows ?? [];
  const set = useMutation({
    mutationFn: ({ personId, on }: { personId: string; on: boolean }) => api.directory.setDelegate({ workspaceId: ws, departmentId: department.id, personId, on }),
    onSuccess: () => setQuery(""),
  });
  return (
    <Dialog open onClose={onClose} title={t("directory.delegatesOf", { name: department.name })} description={t("directory.delegatesText")}>
      <div className={styles.stack}>
        <ul className={rows.departments} aria-label={t("directory.delegates")}>
          {now.map((person) => (
            <li key={person.personId} className={rows.branch}>
              <span className={rows.department}><Avatar id={person.personId} name={person.name} size="xs" /><span><bdi>{person.name}</bdi></span></span>
              <IconButton label={t("directory.delegateEnd", { name: person.name })} onClick={() => set.mutate({ personId: person.personId, on: false })}><Trash2 /></IconButton>
            </li>
          ))}
        </ul>
        {now.length === 0 && <p className={styles.quiet}>{t("directory.delegatesNone")}</p>}
        <Field label={t("directory.delegateAdd")} value={query} placeholder={t("directory.filter")} onChange={(event) => setQuery(event.target.value)} />
        <ul className={rows.departments}>
          {query.trim() !== "" && found.filter((row) => row.personId !== "").slice(0, 5).map((row) => (
            <li key={row.key}>
              <button type="button" className={rows.department} onClick={() => set.mutate({ personId: row.personId, on: true })}>
                <Avatar id={row.key} name={row.name} size="xs" /><span><bdi>{row.name}</bdi></span><small>{row.department}</small>
              </button>
            </li>
          ))}
        </ul>
        {set.error && <ErrorNote cause={set.error} />}
        <InfoNote>{t("directory.everybodyReads")}</InfoNote>
      </div>
    </Dialog>
  );
}
