import { FilePenLine } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { takeWanted, useGo } from "../../lib/routes";
import { Button, Empty, ErrorNote, Waiting } from "../../ui";
import styles from "./forms.module.css";
import { useDraftOf } from "./upload";

/** The way from a document in a conversation or a shared folder to a draft. */
export function NewPage({ ws }: { ws: string }) {
  const { t } = useTranslation();
  const go = useGo();
  const [source] = useState(takeWanted);
  const make = useDraftOf(ws, (id) => go.draft(ws, id, true));
  if (source !== undefined && make.isIdle) make.mutate(source);
  return (
    <main className={styles.taking}>
      {source === undefined ? (
        <Empty top icon={<FilePenLine />} title={t("contracts.home.prepareThis.noneTitle")} action={<Button onClick={() => go.contracts(ws)}>{t("contracts.back")}</Button>}>{t("contracts.home.prepareThis.none")}</Empty>
      ) : make.error ? (
        <>
          <ErrorNote cause={make.error} onRetry={() => make.mutate(source)} />
          <Button kind="quiet" onClick={() => window.history.back()}>{t("action.back")}</Button>
        </>
      ) : <Waiting label={t("contracts.home.prepareThis.taking")} />}
    </main>
  );
}
