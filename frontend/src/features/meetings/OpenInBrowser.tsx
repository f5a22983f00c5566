import { useMutation } from "@tanstack/react-query";
import { ExternalLink } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useApi, useStatus } from "../../live";
import { Button, ErrorNote, InfoNote } from "../../ui";
import styles from "./around.module.css";

/** The way out of a window that cannot meet: the same app in the system's browser, where it can be opened from here. */
export function OpenInBrowser() {
  const { t } = useTranslation();
  const api = useApi();
  const can = useStatus().data?.canOpenInBrowser;
  const open = useMutation({ mutationFn: () => api.system.openInBrowser({ at: window.location.hash.slice(1) }) });
  if (!can) return <InfoNote>{t("meetings.unsupported.how")}</InfoNote>;
  return (
    <div className={styles.browser}>
      <Button kind="primary" size="lg" icon={<ExternalLink aria-hidden />} disabled={open.isPending} onClick={() => open.mutate()}>{t("meetings.unsupported.open")}</Button>
      {open.isSuccess && <InfoNote>{t("meetings.unsupported.opened")}</InfoNote>}
      {open.error && <ErrorNote cause={open.error} onRetry={() => open.mutate()} />}
    </div>
  );
}
