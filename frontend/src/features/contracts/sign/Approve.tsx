import { useMutation } from "@tanstack/react-query";
import { CircleCheck } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Contract } from "../../../api";
import { useGo } from "../../../lib/routes";
import { useApi, useShowContract } from "../../../live";
import { Button, ErrorNote } from "../../../ui";
import { ReasonDialog } from "../contract/ContractMenu";
import { PdfView } from "../../../ui/pdf";
import { usePdf } from "../usePdf";
import styles from "./sign.module.css";

/** An approver lets the document go on, or not; nothing of it stands in the document. */
export function Approve({ ws, contract, onDone }: { ws: string; contract: Contract; onDone: (answer: Contract) => void }) {
  const { t } = useTranslation();
  const go = useGo();
  const api = useApi();
  const show = useShowContract();
  const pdf = usePdf(`/documents/contracts/${contract.id}`, contract.currentSha256);
  const [declining, setDeclining] = useState(false);
  const approve = useMutation({
    mutationFn: () => api.contracts.approveContract({ contractId: contract.id }),
    onSuccess: (answer) => {
      show(answer);
      onDone(answer);
    },
  });
  return (
    <div className={styles.work}>
      <PdfView state={pdf} label={t("pdf.document", { name: contract.title })} />
      <aside className={styles.panel} aria-label={t("contracts.sign.panel")}>
        {contract.message !== "" && <blockquote className={styles.message}><b>{contract.senderName}</b>{contract.message}</blockquote>}
        <p className={styles.quiet}>{t("contracts.approve.text")}</p>
        {approve.error !== null && <ErrorNote cause={approve.error} />}
        <Button kind="primary" size="lg" icon={<CircleCheck aria-hidden />} busy={approve.isPending} disabled={pdf.state !== "ready"} onClick={() => approve.mutate()}>{t("contracts.approve.do")}</Button>
        <Button kind="quiet" onClick={() => setDeclining(true)}>{t("contracts.menu.sendBack")}</Button>
      </aside>
      {declining && <ReasonDialog contract={contract} task="decline" onClose={() => setDeclining(false)} onDone={() => go.contract(ws, contract.id)} />}
    </div>
  );
}
