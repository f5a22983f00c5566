import { useMutation } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Card, PersonRow } from "../../api";
import { useApi, useCard, usePeoplePage } from "../../live";
import { Avatar, Button, Dialog, ErrorNote, Field, InfoNote } from "../../ui";
import styles from "./changes.module.css";
import { EVERYBODY } from "./DepartmentList";
import rows from "./directory.module.css";

const SHOWN = 6;

/** Which member a record is, said by hand: look for somebody, see what follows, agree. */
export function BindDialog({ ws, card, onClose }: { ws: string; card: Card; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState<PersonRow | null>(null);
  const asked = useDeferredValue(query.trim());
  const { data, error } = usePeoplePage(ws, { ...EVERYBODY, query: asked === "" ? "\u0000" : asked }, 0);
  const found = data?.rows.filter(({ personId }) => personId !== "").slice(0, SHOWN) ?? [];
  const other = useCard(ws, chosen?.personId).data;
  const bind = useMutation({ mutationFn: (personId: string) => api.directory.bindRecord({ workspaceId: ws, id: card.recordId, personId }), onSuccess: onClose });
  return (
    <Dialog open onClose={onClose} title={t("directory.bindWhich", { name: card.name })} description={t("directory.bindHow")} actions={chosen && (
      <>
        <Button onClick={() => setChosen(null)}>{t("action.back")}</Button>
        <Button kind="primary" busy={bind.isPending} disabled={!other} onClick={() => bind.mutate(chosen.personId)}>{t("directory.bind")}</Button>
      </>
    )}>
      <div className={styles.stack}>
        {chosen ? (
          <>
            <p className={rows.department}><Avatar id={chosen.personId} name={chosen.name} size="sm" /><span><bdi>{chosen.name}</bdi></span><small>{chosen.department}</small></p>
            <InfoNote>{t("directory.bindFollows", { name: chosen.name, record: card.name })}</InfoNote>
            {other && other.recordId !== "" && other.recordId !== card.recordId && <InfoNote tone="warn">{t("directory.bindTakes", { name: chosen.name, record: other.name })}</InfoNote>}
          </>
        ) : (
          <>
            <Field label={t("directory.bindMember")} value={query} autoFocus placeholder={t("directory.filter")} onChange={(event) => setQuery(event.target.value)} />
            <ul className={rows.departments} aria-label={t("directory.bindMember")}>
              {asked !== "" && found.map((row) => (
                <li key={row.key}>
                  <button type="button" className={rows.department} onClick={() => setChosen(row)}>
                    <Avatar id={row.key} name={row.name} size="xs" /><span><bdi>{row.name}</bdi></span><small>{[row.title, row.department].filter(Boolean).join(" · ")}</small>
                  </button>
                </li>
              ))}
            </ul>
            {asked !== "" && data && found.length === 0 && <p className={styles.quiet} role="status">{t("directory.bindNobody", { query: asked })}</p>}
          </>
        )}
        {(bind.error ?? error) && <ErrorNote cause={bind.error ?? error} />}
      </div>
    </Dialog>
  );
}
