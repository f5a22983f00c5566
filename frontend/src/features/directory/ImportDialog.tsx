import { useMutation, useQuery } from "@tanstack/react-query";
import { FileUp, Undo2 } from "lucide-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Department, ReadSheetResponse } from "../../api";
import { full } from "../../lib/time";
import { useApi } from "../../live";
import { Button, CheckRow, Dialog, ErrorNote, InfoNote, Select } from "../../ui";
import { ImportPlan } from "./ImportPlan";
import styles from "./import.module.css";
import { COLUMNS, type Column } from "./importColumns";

const PART = 768 * 1024;

/** Choose a file, say what its columns mean, look at what would change, and only then apply it. */
export function ImportDialog({ ws, department, delegated, onClose, onCodes }: {
  ws: string;
  /** The department that is shown, where this person may write into it: paths may begin below it. */
  department: Department | undefined;
  /** An administrator of departments only. */
  delegated: boolean;
  onClose: () => void;
  onCodes: () => void;
}) {
  const { t } = useTranslation();
  const api = useApi();
  const input = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<{ id: string; name: string; table: ReadSheetResponse } | null>(null);
  const [fields, setFields] = useState<readonly string[]>([]);
  const [missing, setMissing] = useState(false);
  const [planned, setPlanned] = useState(false);
  const [below, setBelow] = useState<"top" | "below">(delegated && department ? "below" : "top");
  const belowId = below === "below" ? (department?.id ?? "") : "";
  const take = (id: string, name: string, table: ReadSheetResponse) => {
    setFile({ id, name, table });
    setFields(table.fields);
    setPlanned(false);
  };
  const upload = useMutation({
    mutationFn: async (chosen: File) => {
      const bytes = new Uint8Array(await chosen.arrayBuffer());
      let importId = "";
      for (let at = 0; at === 0 || at < bytes.length; at += PART) {
        importId = (await api.directory.uploadSheet({ workspaceId: ws, importId, fileName: chosen.name, part: bytes.slice(at, at + PART) })).importId;
      }
      take(importId, chosen.name, await api.directory.readSheet({ workspaceId: ws, importId }));
    },
  });
  const again = useMutation({
    mutationFn: async (how: { encoding?: string; separator?: string; sheet?: string }) => {
      const { id, name, table } = file!;
      take(id, name, await api.directory.readSheet({ workspaceId: ws, importId: id, encoding: table.encoding, separator: table.separator, sheet: table.sheet, ...how }));
    },
  });
  const apply = useMutation({ mutationFn: () => api.directory.applyImport({ workspaceId: ws, importId: file!.id }) });
  if (apply.data) {
    return (
      <Dialog open onClose={onClose} title={t("directory.import")} actions={<><Button onClick={onCodes}>{t("directory.codes")}</Button><Button kind="primary" onClick={onClose}>{t("action.close")}</Button></>}>
        <InfoNote>{t("directory.importDone", { added: apply.data.added, changed: apply.data.changed, left: apply.data.left, departments: apply.data.departments })}</InfoNote>
      </Dialog>
    );
  }
  const ready = fields.includes("number") && fields.includes("name");
  return (
    <Dialog open onClose={onClose} size="lg" title={t("directory.import")} description={t("directory.importText")} actions={file && (planned ? (
      <>
        <Button onClick={() => setPlanned(false)}>{t("action.back")}</Button>
        <Button kind="primary" busy={apply.isPending} onClick={() => apply.mutate()}>{t("directory.importApply")}</Button>
      </>
    ) : <Button kind="primary" disabled={!ready} onClick={() => setPlanned(true)}>{t("directory.importPreview")}</Button>)}>
      <div className={styles.steps}>
        {delegated && <InfoNote>{t("directory.importDelegated")}</InfoNote>}
        <input ref={input} type="file" hidden accept=".csv,.txt,.tsv,.xlsx" aria-label={t("directory.importChoose")} onChange={(event) => {
          const chosen = event.target.files?.[0];
          event.target.value = "";
          if (chosen) upload.mutate(chosen);
        }} />
        {!planned && <Button icon={<FileUp aria-hidden />} busy={upload.isPending} onClick={() => input.current?.click()}>{file ? file.name : t("directory.importChoose")}</Button>}
        {(upload.error ?? again.error ?? apply.error) && <ErrorNote cause={upload.error ?? again.error ?? apply.error} />}
        {!file && <LastImport ws={ws} />}
        {file && !planned && (
          <>
            <div className={styles.how}>
              {file.table.format === "csv" && file.table.encoding !== "utf-16" && <Select label={t("directory.encoding")} value={file.table.encoding} onChange={(encoding) => again.mutate({ encoding })} options={["utf-8", "gbk"].map((value) => ({ value, label: value.toUpperCase() }))} />}
              {file.table.format === "csv" && <Select label={t("directory.separator")} value={file.table.separator} onChange={(separator) => again.mutate({ separator })} options={[",", ";", "tab"].map((value) => ({ value, label: value === "tab" ? "Tab" : value }))} />}
              {file.table.sheets.length > 1 && <Select label={t("directory.sheet")} value={file.table.sheet} onChange={(sheet) => again.mutate({ sheet })} options={file.table.sheets.map((value) => ({ value, label: value }))} />}
              <span>{t("directory.importRows", { count: file.table.rows })}</span>
            </div>
            <div className={styles.table} role="region" aria-label={t("directory.importColumns")} tabIndex={0}>
              <table>
                <thead>
                  <tr>{file.table.heads.map((head, at) => <th key={at} scope="col">{head}</th>)}</tr>
                  <tr>{file.table.heads.map((head, at) => (
                    <td key={at}>
                      <Select<Column> label={t("directory.columnOf", { head })} value={COLUMNS.find((known) => known === fields[at]) ?? ""} onChange={(field) => setFields((now) => file.table.heads.map((_, other) => (other === at ? field : now[other] === field ? "" : (now[other] ?? ""))))}
                        options={COLUMNS.map((value) => ({ value, label: t(value === "" ? "directory.column.none" : `directory.column.${value}`) }))} />
                    </td>
                  ))}</tr>
                </thead>
                <tbody>{file.table.sample.map((row) => <tr key={row.number}>{file.table.heads.map((_, at) => <td key={at} dir="auto">{row.cells[at]}</td>)}</tr>)}</tbody>
              </table>
            </div>
            {department && (
              <div className={styles.how}>
                <span>{t("directory.pathsBegin")}</span>
                <Select label={t("directory.pathsBegin")} value={below} onChange={setBelow} options={[{ value: "top", label: t("directory.atTop") }, { value: "below", label: t("directory.pathsBelow", { name: department.name }) }]} />
              </div>
            )}
            {!ready && <InfoNote tone="warn">{t("errors.sheet_columns")}</InfoNote>}
            <CheckRow label={t("directory.markMissing")} note={t("directory.markMissingNote")} checked={missing} onChange={setMissing} />
          </>
        )}
        {file && planned && <ImportPlan ws={ws} importId={file.id} fields={fields} missing={missing} belowId={belowId} />}
      </div>
    </Dialog>
  );
}

/** The import applied last, and the way back. */
function LastImport({ ws }: { ws: string }) {
  const { t, i18n } = useTranslation();
  const api = useApi();
  const { data } = useQuery({ queryKey: ["directory", "last import", ws], queryFn: ({ signal }) => api.directory.lastImport({ workspaceId: ws }, { signal }) });
  const undo = useMutation({ mutationFn: () => api.directory.undoImport({ workspaceId: ws, batchId: data!.batchId }) });
  if (undo.data) return <InfoNote>{t("directory.undone", { restored: undo.data.restored, kept: undo.data.kept })}</InfoNote>;
  if (!data || data.batchId === "" || data.undone) return null;
  return (
    <div className={styles.last}>
      <p>{t("directory.lastImport", { by: data.by, date: full(Number(data.atUnixMs), i18n.language), count: data.records })}</p>
      <Button icon={<Undo2 aria-hidden />} busy={undo.isPending} onClick={() => undo.mutate()}>{t("directory.undoImport")}</Button>
      {undo.error && <ErrorNote cause={undo.error} />}
    </div>
  );
}
