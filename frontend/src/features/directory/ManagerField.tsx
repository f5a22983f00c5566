import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useApi, usePeoplePage } from "../../live";
import { EVERYBODY } from "./DepartmentList";
import { Field } from "../../ui";
import styles from "./card.module.css";

/** Somebody with a record, found as one types. */
export function ManagerField({ ws, value, without, onChange }: {
  ws: string; value: { readonly id: string; readonly name: string }; without: string; onChange: (value: { id: string; name: string }) => void;
}) {
  const { t } = useTranslation();
  const api = useApi();
  const list = useId();
  const [query, setQuery] = useState(value.name);
  const asks = query !== value.name && query.trim() !== "";
  const { data } = usePeoplePage(ws, { ...EVERYBODY, query: asks ? query.trim() : "\u0000" }, 0);
  const choose = async (key: string, name: string) => {
    const card = await api.directory.person({ workspaceId: ws, key });
    if (card.recordId === "" || card.recordId === without) return;
    onChange({ id: card.recordId, name });
    setQuery(name);
  };
  return (
    <div className={styles.manager}>
      <Field label={t("directory.manager")} value={query} aria-controls={list} onChange={(event) => {
        setQuery(event.target.value);
        if (event.target.value.trim() === "") onChange({ id: "", name: "" });
      }} onBlur={() => query.trim() !== "" && !asks && setQuery(value.name)} />
      <ul id={list}>
        {asks && data?.rows.slice(0, 5).map((row) => (
          <li key={row.key}><button type="button" onClick={() => void choose(row.key, row.name)}><bdi>{row.name}</bdi><small>{row.title} {row.department}</small></button></li>
        ))}
      </ul>
    </div>
  );
}
