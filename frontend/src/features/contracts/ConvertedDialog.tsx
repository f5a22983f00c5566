import { useTranslation } from "react-i18next";
import { Button, Dialog } from "../../ui";
import styles from "./forms.module.css";
import { PdfView } from "../../ui/pdf";
import { usePdf } from "./usePdf";
import type { Brought } from "./upload";

/** What LibreOffice made of a document, before anything is done with it: it may break lines and pages elsewhere. */
export function ConvertedDialog({ brought, onAccept, onClose }: { brought: Brought; onAccept: () => void; onClose: () => void }) {
  const { t } = useTranslation();
  const pdf = usePdf(`/documents/uploads/${brought.seen.uploadId}`, brought.seen.sha256);
  return (
    <Dialog
      open onClose={onClose} size="lg" title={t("contracts.converted.title")} description={t("contracts.converted.text", { name: brought.title })}
      actions={<><Button onClick={onClose}>{t("action.cancel")}</Button><Button kind="primary" autoFocus onClick={onAccept}>{t("contracts.converted.do")}</Button></>}
    >
      <div className={styles.converted}><PdfView state={pdf} label={t("pdf.document", { name: brought.title })} /></div>
    </Dialog>
  );
}
