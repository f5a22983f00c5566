import { Link } from "@tanstack/react-router";
import { FileSpreadsheet } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Seal } from "../../../api";
import { useRuntime, useSealLedger } from "../../../live";
import { Button, CopyButton, Dialog, ErrorNote, Waiting } from "../../../ui";
import { Hash } from "../contract/Timeline";
import forms from "../forms.module.css";
import { saveText } from "../saveText";
import { moment } from "../words";

/** Every use of a seal 用印台账, newest first. */
export function LedgerDialog({ ws, seal, onClose }: { ws: string; seal: Seal; onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const runtime = useRuntime();
  const { data, error } = useSealLedger(ws, seal.id, true);
  return (
    <Dialog
      open onClose={onClose} size="lg" title={t("contracts.seals.ledgerTitle", { name: seal.name })}
      actions={data && data.uses.length > 0 ? !runtime.canDownload ? <CopyButton text={data.csv} copy={runtime.copyText} /> : <Button icon={<FileSpreadsheet aria-hidden />} onClick={() => saveText(`${seal.name}.csv`, "text/csv", data.csv)}>{t("contracts.seals.csv")}</Button> : undefined}
    >
      {error && !data ? <ErrorNote cause={error} /> : !data ? <Waiting /> : data.uses.length === 0 ? <p className={forms.quiet}>{t("contracts.seals.noUses")}</p> : (
        <div className={forms.scrollX} tabIndex={0} role="region" aria-label={t("contracts.seals.ledger")}>
          <table className={forms.table}>
            <thead><tr><th>{t("contracts.seals.when")}</th><th>{t("contracts.seals.who")}</th><th>{t("contracts.seals.where")}</th><th>{t("contracts.seals.document")}</th></tr></thead>
            <tbody>
              {data.uses.map((use, index) => (
                <tr key={index}>
                  <td>{moment(use.unixMs, i18n.language)}</td>
                  <td>{use.personName}{use.askedBy !== "" && <small> {t("contracts.seals.askedBy", { name: use.askedBy })}{use.reason !== "" && ` · ${use.reason}`}</small>}</td>
                  <td><Link to="/w/$ws/contracts/$contract" params={{ ws, contract: use.contractId }} search={{}}>{use.contractTitle}</Link></td>
                  <td><Hash value={use.documentSha256} /></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Dialog>
  );
}
