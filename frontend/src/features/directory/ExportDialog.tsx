import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Department } from "../../api";
import { useApi, useRuntime } from "../../live";
import { Button, Dialog, ErrorNote, InfoNote, Segmented } from "../../ui";
import { handOver } from "./handOver";
import styles from "./import.module.css";

const FORMATS = ["xlsx", "csv", "csv-gbk"] as const;

export function ExportDialog({ ws, department, onClose }: { ws: string; department: Department | undefined; onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const api = useApi();
  const { canDownload } = useRuntime();
  const [format, setFormat] = useState<(typeof FORMATS)[number]>("xlsx");
  const make = useMutation({
    mutationFn: () => api.directory.export({ workspaceId: ws, departmentId: department?.id ?? "", format, language: i18n.language.startsWith("zh") ? "zh" : "en", save: !canDownload }),
    onSuccess: ({ content, fileName }) => {
      if (!canDownload) return;
      handOver([content], fileName);
    },
  });
  return (
    <Dialog open onClose={onClose} title={department ? t("directory.exportOf", { name: department.name }) : t("directory.export")} description={t("directory.exportText")}
      actions={<Button kind="primary" busy={make.isPending} onClick={() => make.mutate()}>{t("directory.export")}</Button>}>
      <div className={styles.steps}>
        <Segmented label={t("directory.format")} value={format} onChange={setFormat} options={[{ value: "xlsx", label: "XLSX" }, { value: "csv", label: "CSV (UTF-8)" }, { value: "csv-gbk", label: "CSV (GBK)" }]} />
        {make.error && <ErrorNote cause={make.error} />}
        {make.data && <InfoNote>{make.data.savedAt !== "" ? t("directory.exportedTo", { count: make.data.rows, place: make.data.savedAt }) : t("directory.exported", { count: make.data.rows, name: make.data.fileName })}</InfoNote>}
      </div>
    </Dialog>
  );
}
