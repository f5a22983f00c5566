import { FilePenLine, ShieldCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useGo } from "../../lib/routes";
import { size } from "../../lib/size";
import { Dialog, FileIcon } from "../../ui";
import styles from "./forms.module.css";
import { hand } from "./handed";

/** What to do with a document that was dropped: nothing happens to it before that is said. */
export function DropDialog({ ws, file, onClose, onPrepare }: { ws: string; file: File; onClose: () => void; onPrepare: (file: File) => void }) {
  const { t } = useTranslation();
  const go = useGo();
  const verify = () => {
    hand(file);
    onClose();
    go.verify(ws);
  };
  return (
    <Dialog open onClose={onClose} title={t("contracts.drop.title")}>
      <p className={styles.file}><FileIcon name={file.name} small /><bdi>{file.name}</bdi><small>{size(file.size)}</small></p>
      <div className={styles.choices}>
        <button
          type="button" className={styles.choice}
          onClick={() => {
            onClose();
            onPrepare(file);
          }}
        >
          <FilePenLine aria-hidden /><span><b>{t("contracts.drop.prepare")}</b><small>{t("contracts.drop.prepareNote")}</small></span>
        </button>
        <button type="button" className={styles.choice} onClick={verify}>
          <ShieldCheck aria-hidden /><span><b>{t("contracts.drop.verify")}</b><small>{t("contracts.drop.verifyNote")}</small></span>
        </button>
      </div>
    </Dialog>
  );
}
