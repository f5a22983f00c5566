import { useMutation } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { problemOf, type Contract } from "../../../api";
import { useApi, useContract, useRuntime } from "../../../live";
import { Button, CheckRow, Dialog, ErrorNote, InfoNote } from "../../../ui";
import { KeyChoice, type ChosenKey } from "../sign/KeyChoice";
import styles from "../forms.module.css";

/** The certificate of evidence 出证: a PDF that carries the document and every proof, and is checked offline. */
export function EvidenceDialog({ ws, contract, onClose }: { ws: string; contract: Contract; onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const api = useApi();
  const runtime = useRuntime();
  const { refetch } = useContract(contract.id);
  const [key, setKey] = useState<ChosenKey>({ id: "", password: "" });
  const [untimed, setUntimed] = useState(false);
  const make = useMutation({
    mutationFn: () => api.contracts.makeEvidence({ contractId: contract.id, keyId: key.id, keyPassword: key.password, language: i18n.language, withoutTrustedTime: untimed }),
    onSuccess: () => void refetch(),
  });
  const timeless = make.error !== null && problemOf(make.error).code === "time_unreachable";
  const base = `/documents/contracts/${contract.id}`;
  return (
    <Dialog
      open onClose={onClose} title={t("contracts.evidence.make")} description={t("contracts.evidence.text")}
      actions={make.data ? <Button kind="primary" onClick={onClose}>{t("action.close")}</Button>
        : <><Button onClick={onClose}>{t("action.cancel")}</Button><Button kind="primary" busy={make.isPending} disabled={key.id === "" || key.password === ""} onClick={() => make.mutate()}>{t("contracts.evidence.do")}</Button></>}
    >
      <div className={styles.form}>
        {make.data ? (
          <>
            <InfoNote>{t("contracts.evidence.done", { number: make.data.certificateNumber, count: make.data.entries, witnessed: make.data.witnessed })}</InfoNote>
            {make.data.witnessed < make.data.entries && <InfoNote tone="warn">{t("contracts.evidence.partly", { count: make.data.entries - make.data.witnessed })}</InfoNote>}
            {runtime.canDownload && <a className={styles.save} href={`${base}/evidence?download`} download={`${make.data.certificateNumber}.pdf`}><Download aria-hidden />{t("contracts.evidence.save")}</a>}
          </>
        ) : (
          <>
            <KeyChoice ws={ws} value={key} onChange={setKey} />
            {timeless && <CheckRow label={t("contracts.sign.untimed")} checked={untimed} onChange={setUntimed} />}
            {make.error !== null && <ErrorNote cause={make.error} />}
          </>
        )}
      </div>
    </Dialog>
  );
}
