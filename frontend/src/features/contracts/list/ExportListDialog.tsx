import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import type { ContractRow } from "../../../api";
import { Button, CheckRow, Dialog } from "../../../ui";
import { ExportState, FolderPicker, useExport } from "../exporting";
import forms from "../forms.module.css";
import styles from "./list.module.css";

/** Many contracts at once: those that the list shows, but for drafts. */
export function ExportListDialog({ rows, onClose }: { rows: readonly ContractRow[]; onClose: () => void }) {
  const { t } = useTranslation();
  const [folder, setFolder] = useState("");
  const [without, setWithout] = useState<ReadonlySet<string>>(new Set());
  // What is exported stays the same while it is, whatever comes into the list.
  const [shown] = useState(rows);
  const write = useExport();
  const contracts = shown.filter((row) => !without.has(row.id)).map((row) => ({ id: row.id, title: row.title || t("contracts.untitled") }));
  const turn = (id: string, wanted: boolean) => setWithout((before) => {
    const after = new Set(before);
    if (wanted) after.delete(id);
    else after.add(id);
    return after;
  });
  const choose = (path: string) => {
    setFolder(path);
    write.elsewhere();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (folder.trim() !== "" && contracts.length > 0 && !write.running) write.start({ contracts, folder: folder.trim() });
  };
  return (
    <Dialog
      open onClose={onClose} size="lg" title={t("contracts.export.titleMany")} description={t("contracts.export.textMany")}
      actions={write.running ? <Button onClick={write.stop}>{t("contracts.export.stop")}</Button> : (
        <><Button onClick={onClose}>{write.over ? t("action.close") : t("action.cancel")}</Button>{!write.over && <Button kind="primary" type="submit" form="export-contracts" disabled={folder.trim() === "" || contracts.length === 0}>{t("contracts.export.do")}</Button>}</>
      )}
    >
      <form id="export-contracts" className={forms.form} onSubmit={submit}>
        {!write.over && !write.running && (
          <>
            <fieldset className={styles.which}>
              <legend className={forms.legend}>{t("contracts.export.which")}</legend>
              <CheckRow label={t("contracts.export.all")} checked={without.size === 0} onChange={(all) => setWithout(new Set(all ? [] : shown.map((row) => row.id)))} />
              <div>{shown.map((row) => <CheckRow key={row.id} label={row.title || t("contracts.untitled")} checked={!without.has(row.id)} onChange={(wanted) => turn(row.id, wanted)} />)}</div>
            </fieldset>
            <FolderPicker folder={folder} onFolder={choose} />
          </>
        )}
        <ExportState export={write} contracts={contracts} folder={folder} />
      </form>
    </Dialog>
  );
}
