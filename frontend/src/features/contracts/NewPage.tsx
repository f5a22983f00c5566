import { FilePenLine } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { takeWanted, useGo } from "../../lib/routes";
import { Button, Empty, ErrorNote, Waiting } from "../../ui";
import { ConvertedDialog } from "./ConvertedDialog";
import styles from "./forms.module.css";
import { useDraftOf } from "./upload";

/** The way from a document in a conversation or a shared folder to a draft. */
export function NewPage({ ws }: { ws: string }) {
  const { t } = useTranslation();
  const go = useGo();
  const [source] = useState(takeWanted);
  const [left, setLeft] = useState(false);
  const make = useDraftOf(ws, (id) => go.draft(ws, id, true));
  if (source !== undefined && make.isIdle && !left) make.begin(source);
  const back = () => {
    setLeft(true);
    window.history.back();
  };
  return (
    <main className={styles.taking}>
      {source === undefined ? (
        <Empty top icon={<FilePenLine />} title={t("contracts.home.prepareThis.noneTitle")} action={<Button onClick={() => go.contracts(ws)}>{t("contracts.back")}</Button>}>{t("contracts.home.prepareThis.none")}</Empty>
      ) : make.error ? (
        <>
          <ErrorNote cause={make.error} onRetry={() => make.begin(source)} />
          <Button kind="quiet" onClick={back}>{t("action.back")}</Button>
        </>
      ) : make.converted ? (
        <ConvertedDialog
          brought={make.converted} onAccept={() => make.accept(make.converted!)}
          onClose={() => {
            make.dismiss();
            back();
          }}
        />
      ) : <Waiting label={t("contracts.home.prepareThis.taking")} />}
    </main>
  );
}
