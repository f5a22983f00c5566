import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Contract } from "../../../api";
import { Button, Dialog } from "../../../ui";
import { ExportState, FolderPicker, useExport } from "../exporting";
import styles from "../forms.module.css";

/** Documents with their evidence, written into a folder of this computer. */
export function ExportDialog({ contract, onClose }: { contract: Contract; onClose: () => void }) {
  const { t } = useTranslation();
  const [folder, setFolder] = useState("");
  const write = useExport();
  const contracts = [{ id: contract.id, title: contract.title }];
  const choose = (path: string) => {
    setFolder(path);
    write.elsewhere();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (folder.trim() !== "" && !write.running) write.start({ contracts, folder: folder.trim() });
  };
  return (
    <Dialog
      open onClose={onClose} title={t("contracts.export.title")} description={t("contracts.export.text")}
      actions={<><Button onClick={onClose}>{write.over ? t("action.close") : t("action.cancel")}</Button>{!write.over && <Button kind="primary" type="submit" form="export-contract" busy={write.running} disabled={folder.trim() === ""}>{t("contracts.export.do")}</Button>}</>}
    >
      <form id="export-contract" className={styles.form} onSubmit={submit}>
        {!write.over && <FolderPicker folder={folder} onFolder={choose} />}
        <ExportState export={write} contracts={contracts} folder={folder} />
      </form>
    </Dialog>
  );
}
