import { Plus, Stamp } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSeals } from "../../../live";
import { Button, Empty, ErrorNote, useColumns, Waiting } from "../../../ui";
import forms from "../forms.module.css";
import { MakeSealDialog } from "./MakeSealDialog";
import { SealCard } from "./SealCard";
import styles from "./seals.module.css";

/** The register: every seal of the workspace, and one's own. */
export function SealsPage({ ws }: { ws: string }) {
  const { t } = useTranslation();
  const { narrow, openList } = useColumns();
  const { data, error, refetch } = useSeals(ws);
  const [making, setMaking] = useState(false);
  const make = <Button kind="primary" icon={<Plus aria-hidden />} onClick={() => setMaking(true)}>{t("contracts.seals.make")}</Button>;
  return (
    <div className={forms.page}>
      <header>
        {narrow && <Button kind="quiet" onClick={openList}>{t("action.showList")}</Button>}
        <div><h1>{t("contracts.seals.title")}</h1><p className={forms.lead}>{t("contracts.seals.lead")}</p></div>
        {data && data.seals.length > 0 && make}
      </header>
      {error && !data ? <ErrorNote cause={error} onRetry={() => void refetch()} /> : !data ? <Waiting />
        : data.seals.length === 0 ? <Empty icon={<Stamp />} title={t("contracts.seals.emptyTitle")} action={make}>{t("contracts.seals.emptyText")}</Empty>
          : <div className={styles.grid}>{data.seals.map((seal) => <SealCard key={seal.id} ws={ws} seal={seal} />)}</div>}
      {making && <MakeSealDialog ws={ws} canMake={data?.canMake ?? false} onClose={() => setMaking(false)} />}
    </div>
  );
}
