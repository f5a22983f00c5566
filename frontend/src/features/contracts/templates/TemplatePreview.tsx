import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useApi } from "../../../live";
import { ErrorNote, Waiting } from "../../../ui";
import { PdfView } from "../../../ui/pdf";
import { usePdf } from "../usePdf";
import styles from "./templates.module.css";

/** A template as the document that it becomes. */
export function TemplatePreview({ id, markdown, values, title }: { id: string; markdown: string; values: Readonly<Record<string, string>>; title: string }) {
  const { t } = useTranslation();
  const api = useApi();
  const { data, error } = useQuery({
    queryKey: ["template_preview", id, markdown, values, title],
    queryFn: ({ signal }) => api.contracts.renderTemplate({ id, markdown, values: { ...values }, title }, { signal }),
    placeholderData: keepPreviousData, gcTime: 5_000, retry: false, enabled: id !== "" || markdown.trim() !== "",
  });
  const upload = data?.upload?.uploadId ?? "";
  const pdf = usePdf(upload === "" ? "" : `/documents/uploads/${upload}`, upload);
  return (
    <div className={styles.preview}>
      {error !== null && <div className={styles.error}><ErrorNote cause={error} /></div>}
      {upload === "" ? !error && (id === "" && markdown.trim() === "" ? <p className={styles.hint}>{t("contracts.templates.noPreview")}</p> : <Waiting />) : <PdfView state={pdf} label={t("pdf.document", { name: title })} />}
    </div>
  );
}
