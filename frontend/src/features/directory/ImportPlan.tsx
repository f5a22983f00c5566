import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { PlanRow } from "../../api";
import { useApi } from "../../live";
import { ErrorNote, Segmented, SkeletonRows } from "../../ui";
import { FieldChanges } from "./ChangesDialog";
import styles from "./import.module.css";
import { COLUMNS } from "./importColumns";

const KINDS = ["", "rejected", "added", "changed", "missing", "same"] as const;
const PROBLEMS = ["name_missing", "name_invalid", "number_missing", "number_invalid", "number_twice", "manager_unknown", "manager_self", "department_invalid", "field_invalid", "too_long", "not_yours", "department_not_yours", "department_missing", "manager_cycle", "field_hidden"] as const;

/** What an import would do, row by row; nothing is applied by looking. */
export function ImportPlan({ ws, importId, fields, missing, belowId }: { ws: string; importId: string; fields: readonly string[]; missing: boolean; belowId: string }) {
  const { t } = useTranslation();
  const api = useApi();
  const [only, setOnly] = useState<(typeof KINDS)[number]>("");
  const { data, error } = useQuery({
    queryKey: ["import plan", ws, importId, fields.join(), missing, belowId, only], gcTime: 0,
    queryFn: ({ signal }) => api.directory.planImport({ workspaceId: ws, importId, fields: [...fields], markMissing: missing, belowId, only }, { signal }),
  });
  const count = (kind: (typeof KINDS)[number]) => (kind === "" || !data ? "" : ` ${data[kind]}`);
  return (
    <>
      <Segmented label={t("directory.changesKind")} value={only} onChange={setOnly} options={KINDS.map((value) => ({ value, label: `${t(value === "" ? "directory.plan.all" : `directory.plan.${value}`)}${count(value)}` }))} />
      {error && <ErrorNote cause={error} />}
      {!data && !error && <SkeletonRows count={4} />}
      {data && data.departments > 0 && <p className={styles.quiet}>{t("directory.planDepartments", { count: data.departments, names: data.newDepartments.slice(0, 5).join("、") })}</p>}
      <ol className={styles.rows} aria-label={t("directory.importPreview")} tabIndex={0}>{data?.rows.map((row) => <Line key={`${row.number} ${row.employeeNumber}`} row={row} />)}</ol>
      {data && data.total > data.rows.length && <p className={styles.quiet}>{t("directory.planMore", { shown: data.rows.length, total: data.total })}</p>}
    </>
  );
}

function Line({ row }: { row: PlanRow }) {
  const { t } = useTranslation();
  const kind = KINDS.find((known) => known !== "" && known === row.what);
  return (
    <li data-kind={row.what}>
      <p>
        {row.number > 0 && <small>{t("directory.rowNumber", { number: row.number })}</small>}
        <b><bdi>{row.name}</bdi></b> <small>{row.employeeNumber}</small>
        {kind && <em>{t(`directory.plan.${kind}`)}</em>}
      </p>
      {row.problems.map((problem) => (
        <p key={problem.code + problem.field} className={problem.fatal ? styles.fatal : styles.quiet}>{t(`directory.problem.${PROBLEMS.find((known) => known === problem.code) ?? "field_invalid"}`, { value: problem.value, field: problem.field === "" ? "" : t(`directory.column.${COLUMNS.find((known) => known !== "" && known === problem.field) || "name"}`) })}</p>
      ))}
      {row.what === "added" && <p className={styles.quiet}>{row.fields.filter(({ field }) => field === "posts").map(({ after }) => after).join("")}</p>}
      {(row.what === "changed" || row.what === "missing") && <FieldChanges fields={row.fields} />}
    </li>
  );
}
