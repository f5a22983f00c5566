import { useMutation } from "@tanstack/react-query";
import { ArrowLeft, FileUp, ShieldCheck } from "lucide-react";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useGo } from "../../../lib/routes";
import { useApi } from "../../../live";
import { Button, ErrorNote, FileIcon, IconButton, Waiting } from "../../../ui";
import { takeHanded } from "../handed";
import home from "../list/home.module.css";
import { PdfView, type PdfHandle } from "../../../ui/pdf";
import { usePdf } from "../usePdf";
import { bringIn, chooseFile } from "../upload";
import { useDrop } from "../useDrop";
import { Report } from "./Report";
import styles from "./verify.module.css";

/** Who signed a document, and what happened to it since: any PDF, from anywhere. */
export function VerifyPage({ ws, contract }: { ws: string; contract?: string }) {
  const { t } = useTranslation();
  const go = useGo();
  const api = useApi();
  const handle = useRef<PdfHandle>(null);
  const judge = useMutation({
    mutationFn: async (what: File | string) => {
      if (typeof what === "string") return { path: `/documents/contracts/${what}`, report: await api.contracts.verifyDocument({ contractId: what }) };
      const uploadId = await bringIn(api, what);
      return { path: `/documents/uploads/${uploadId}`, report: await api.contracts.verifyDocument({ uploadId }) };
    },
  });
  const { mutate, data, isPending, error } = judge;
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    const file = takeHanded();
    if (file) mutate(file);
    else if (contract !== undefined) mutate(contract);
  }, [mutate, contract]);
  const over = useDrop((file) => mutate(file));
  const choose = () => chooseFile(".pdf,application/pdf", (file) => mutate(file));
  const pdf = usePdf(data?.path ?? "", data?.report.sha256 ?? "");
  return (
    <main className={styles.page}>
      <header className={styles.head}>
        <IconButton label={t("contracts.back")} onClick={() => go.contracts(ws)}><ArrowLeft /></IconButton>
        <h1>{t("contracts.verify.title")}</h1>
        {data && <Button icon={<FileUp aria-hidden />} onClick={choose}>{t("contracts.verify.another")}</Button>}
      </header>
      {isPending ? <Waiting label={t("contracts.verify.checking")} /> : data ? (
        <div className={styles.work}>
          <PdfView state={pdf} handle={handle} label={t("pdf.document", { name: data.report.name })} />
          <Report ws={ws} report={data.report} onPage={(page) => handle.current?.show(page)} />
        </div>
      ) : (
        <div className={styles.start}>
          <span className={home.picture} aria-hidden><ShieldCheck /></span>
          <h2>{t("contracts.verify.startTitle")}</h2>
          <p>{t("contracts.verify.startText")}</p>
          {error !== null && (
            <div className={styles.refused}>
              {judge.variables instanceof File && <p><FileIcon name={judge.variables.name} small /><bdi>{judge.variables.name}</bdi></p>}
              <ErrorNote cause={error} />
            </div>
          )}
          <Button kind="primary" size="lg" icon={<FileUp aria-hidden />} onClick={choose}>{t("contracts.verify.choose")}</Button>
          <p className={styles.quiet}>{t("contracts.verify.privacy")}</p>
        </div>
      )}
      {over && <div className={home.drop} aria-hidden>{t("contracts.verify.drop")}</div>}
    </main>
  );
}
