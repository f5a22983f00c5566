import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { StatusResponse } from "../../api";
import { useApi, useSetStatus } from "../../live";
import { Button, ErrorNote } from "../../ui";
import styles from "./onboarding.module.css";
import { Stage } from "./Stage";

export function DamagedPage({ status }: { status: StatusResponse }) {
  const { t } = useTranslation();
  const api = useApi();
  const setStatus = useSetStatus();
  const repair = useMutation({ mutationFn: () => api.system.repair({}), onSuccess: (answer) => setStatus(answer.status) });
  return (
    <Stage wide title={t("damaged.title")} lead={t("damaged.text")}>
      <div className={styles.safe}>
        <div><h2>{t("damaged.safeTitle")}</h2><p>{t("damaged.safe")}</p></div>
        <div><h2>{t("damaged.repairTitle")}</h2><p>{t("damaged.repair")}</p></div>
      </div>
      <div className={styles.form}>
        {repair.error && <ErrorNote cause={repair.error} />}
        <Button kind="primary" size="lg" busy={repair.isPending} onClick={() => repair.mutate()}>{t("damaged.action")}</Button>
        {status.damageCode !== "" && <p className={styles.small}>{t("damaged.code", { code: status.damageCode })}</p>}
      </div>
    </Stage>
  );
}

export function NoSessionPage() {
  const { t } = useTranslation();
  return <Stage title={t("noSession.title")} lead={t("noSession.text")} />;
}

export function UnreachablePage({ onRetry }: { onRetry: () => void }) {
  const { t } = useTranslation();
  return (
    <Stage title={t("unreachable.title")} lead={t("unreachable.text")}>
      <div className={styles.row}><Button kind="primary" onClick={onRetry}>{t("action.retry")}</Button></div>
    </Stage>
  );
}
