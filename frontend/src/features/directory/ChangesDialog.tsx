import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { DirectoryChange, FieldChange } from "../../api";
import { full } from "../../lib/time";
import { useApi } from "../../live";
import { Button, Dialog, ErrorNote, Field, Segmented, SkeletonRows } from "../../ui";
import styles from "./changes.module.css";
import { levelOf } from "./recordDraft";

const KINDS = ["", "record", "department", "delegate", "import"] as const;
const FIELDS = ["name", "number", "posts", "manager", "place", "phones", "email", "note", "left", "person", "codes", "private", "parent", "order", "gone", "delegate"] as const;
const STEP = 50;

/** Who changed what, when, from what to what. */
export function ChangesDialog({ ws, onClose }: { ws: string; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const [kind, setKind] = useState<(typeof KINDS)[number]>("");
  const [query, setQuery] = useState("");
  const [limit, setLimit] = useState(STEP);
  const { data, error, isPlaceholderData } = useQuery({
    queryKey: ["directory", "changes", ws, kind, query.trim(), limit], placeholderData: keepPreviousData,
    queryFn: ({ signal }) => api.directory.changes({ workspaceId: ws, kind, query: query.trim(), limit }, { signal }),
  });
  return (
    <Dialog open onClose={onClose} size="lg" title={t("directory.changes")} description={t("directory.changesText")}>
      <div className={styles.filters}>
        <Segmented label={t("directory.changesKind")} value={kind} onChange={setKind} options={KINDS.map((value) => ({ value, label: t(value === "" ? "directory.kind.all" : `directory.kind.${value}`) }))} />
        <Field bare label={t("directory.changesFilter")} placeholder={t("directory.changesFilter")} value={query} onChange={(event) => setQuery(event.target.value)} />
      </div>
      {error && <ErrorNote cause={error} />}
      {!data && !error && <SkeletonRows count={4} />}
      {data?.total === 0 && !isPlaceholderData && <p className={styles.quiet}>{t("directory.changesNone")}</p>}
      <ol className={styles.list} aria-label={t("directory.changes")} tabIndex={0}>{data?.changes.map((change, at) => <Line key={at} change={change} />)}</ol>
      {data && data.total > data.changes.length && limit < 200 && <Button kind="quiet" onClick={() => setLimit(Math.min(limit + STEP, 200))}>{t("directory.more")}</Button>}
    </Dialog>
  );
}

function Line({ change }: { change: DirectoryChange }) {
  const { t, i18n } = useTranslation();
  const kind = KINDS.find((known) => known === change.kind) || "record";
  const why = change.why === "import" || change.why === "undo" ? ` · ${t(`directory.why.${change.why}`)}` : "";
  return (
    <li>
      <p><b><bdi>{change.subject}</bdi></b> <span>{t(`directory.kind.${kind}`)}{change.made && ` · ${t("directory.isNew")}`}{why}</span></p>
      <p className={styles.quiet}>{t("directory.byAt", { by: change.by, date: full(Number(change.atUnixMs), i18n.language) })}</p>
      <FieldChanges fields={change.fields} />
    </li>
  );
}

export function FieldChanges({ fields }: { fields: readonly FieldChange[] }) {
  const { t } = useTranslation();
  const word = (field: string) => t(`directory.fields.${FIELDS.find((known) => known === field) ?? "name"}`);
  const value = (text: string) => (text === "yes" ? t("directory.yes") : text);
  return (
    <ul className={styles.fields}>
      {fields.map((change) => (
        <li key={change.field + change.level}>
          <span>{word(change.field)}</span>
          {change.level !== "" ? <i>{t("directory.levelNow", { level: t(`directory.level.${levelOf(change.level)}`) })}</i> : change.field === "private" ? <i>{t("directory.notShown")}</i> : (
            <>{change.before !== "" && <del>{value(change.before)}</del>} {change.after !== "" ? <ins>{value(change.after)}</ins> : <i>{t("directory.emptied")}</i>}</>
          )}
        </li>
      ))}
    </ul>
  );
}
