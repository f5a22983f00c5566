import { Download, FileBadge, FolderDown, Paperclip, ShieldCheck } from "lucide-react";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ContractState, FieldType, type Contract } from "../../../api";
import { useGo } from "../../../lib/routes";
import { useRuntime } from "../../../live";
import { moment, useSpeech } from "../words";
import styles from "./contract.module.css";
import { EvidenceDialog } from "./EvidenceDialog";
import { ExportDialog } from "./ExportDialog";

/** Everything of a contract that one can take away. */
export function Documents({ ws, contract }: { ws: string; contract: Contract }) {
  const { t } = useTranslation();
  const go = useGo();
  const speech = useSpeech();
  // A window without downloads writes into a folder instead.
  const runtime = useRuntime();
  const [open, setOpen] = useState<"" | "evidence" | "export">("");
  const base = `/documents/contracts/${contract.id}`;
  const over = contract.state !== ContractState.RUNNING && contract.state !== ContractState.DECLINED;
  const attached = contract.fields.filter((field) => field.type === FieldType.ATTACHMENT && field.value !== "");
  const name = contract.title || contract.documentName;
  return (
    <div className={styles.block}>
      <h3>{t("contracts.side.documents")}</h3>
      {contract.locked && <p className={styles.quiet}>{t("contracts.save.locked")}</p>}
      <div className={styles.links}>
        {runtime.canDownload && contract.documentHere && (
          <>
            <Save path={base} name={`${name}.pdf`}>{contract.state === ContractState.COMPLETED ? t("contracts.save.signed") : t("contracts.save.current")}</Save>
            <Save path={`${base}/original`} name={`${name} (${t("contracts.save.originalName")}).pdf`}>{t("contracts.save.original")}</Save>
          </>
        )}
        {runtime.canDownload && attached.map((field) => <Save key={field.id} path={`${base}/files/${field.id}`} name={field.value} icon={<Paperclip aria-hidden />}>{t("contracts.save.attachment", { name: field.label === "" ? field.value : `${field.label} (${field.value})` })}</Save>)}
        {runtime.canDownload && (contract.evidence?.certificateNumber ?? "") !== "" && <Save path={`${base}/evidence`} name={`${name} ${contract.evidence!.certificateNumber}.pdf`} icon={<FileBadge aria-hidden />}>{t("contracts.save.evidence", { number: contract.evidence!.certificateNumber })}</Save>}
        {over && <button type="button" className={styles.link} onClick={() => setOpen("evidence")}><FileBadge aria-hidden />{(contract.evidence?.certificateNumber ?? "") === "" ? t("contracts.evidence.make") : t("contracts.evidence.again")}</button>}
        {contract.documentHere && <button type="button" className={styles.link} onClick={() => go.verify(ws, contract.id)}><ShieldCheck aria-hidden />{t("contracts.save.verify")}</button>}
        {(over || !runtime.canDownload) && <button type="button" className={styles.link} onClick={() => setOpen("export")}><FolderDown aria-hidden />{t("contracts.save.export")}</button>}
      </div>
      {contract.evidence && contract.evidence.madeUnixMs > 0n && <p className={styles.quiet}>{t("contracts.evidence.made", { time: moment(contract.evidence.madeUnixMs, speech.language) })}</p>}
      {open === "evidence" && <EvidenceDialog ws={ws} contract={contract} onClose={() => setOpen("")} />}
      {open === "export" && <ExportDialog contract={contract} onClose={() => setOpen("")} />}
    </div>
  );
}

function Save({ path, name, icon, children }: { path: string; name: string; icon?: ReactNode; children: ReactNode }) {
  return <a className={styles.link} href={`${path}?download`} download={name}>{icon ?? <Download aria-hidden />}{children}</a>;
}
