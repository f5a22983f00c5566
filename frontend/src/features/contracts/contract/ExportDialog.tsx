import { useMutation } from "@tanstack/react-query";
import { ArrowUp, Folder } from "lucide-react";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Contract } from "../../../api";
import { useApi, useBrowse } from "../../../live";
import { Button, Dialog, ErrorNote, Field, InfoNote } from "../../../ui";
import styles from "../forms.module.css";

/** Documents with their evidence, written into a folder of this computer. */
export function ExportDialog({ contract, onClose }: { contract: Contract; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const [folder, setFolder] = useState("");
  const { data: here } = useBrowse(folder);
  const write = useMutation({ mutationFn: () => api.contracts.exportContracts({ contractIds: [contract.id], folder: folder.trim() }) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (folder.trim() !== "" && !write.isPending) write.mutate();
  };
  return (
    <Dialog
      open onClose={onClose} title={t("contracts.export.title")} description={t("contracts.export.text")}
      actions={<><Button onClick={onClose}>{write.data ? t("action.close") : t("action.cancel")}</Button>{!write.data && <Button kind="primary" type="submit" form="export-contract" busy={write.isPending} disabled={folder.trim() === ""}>{t("contracts.export.do")}</Button>}</>}
    >
      <form id="export-contract" className={styles.form} onSubmit={submit}>
        {write.data ? write.data.written.length > 0 ? <InfoNote>{t("contracts.export.done", { folder: write.data.written[0]! })}</InfoNote> : <InfoNote tone="warn">{t("contracts.export.failed")}</InfoNote>
          : (
            <>
              <Field autoFocus dir="ltr" label={t("contracts.export.folder")} hint={t("contracts.export.hint")} value={folder} onChange={(event) => setFolder(event.target.value)} />
              {here && (
                <div className={styles.folders} role="group" aria-label={t("contracts.export.inside")}>
                  {here.parent !== "" && <Button kind="quiet" icon={<ArrowUp aria-hidden />} onClick={() => setFolder(here.parent)}>{t("contracts.export.up")}</Button>}
                  {here.folders.map((one) => <Button key={one.path} kind="quiet" icon={<Folder aria-hidden />} onClick={() => setFolder(one.path)}><bdi>{one.name}</bdi></Button>)}
                </div>
              )}
            </>
          )}
        {write.error !== null && <ErrorNote cause={write.error} />}
      </form>
    </Dialog>
  );
}
