import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { problemOf, type Folder } from "../../api";
import { size } from "../../lib/size";
import { useApi } from "../../live";
import { Button, Dialog, Field, InfoNote, useSentence } from "../../ui";
import styles from "./dialogs.module.css";

const GB = 1_000_000_000;

/** How long earlier versions and deleted files stay on this computer. */
export function RetentionDialog({ folder, onClose }: { folder: Folder; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const sentence = useSentence();
  const [days, setDays] = useState(String(folder.keepDays));
  const [bound, setBound] = useState(folder.keepBytes > 0n ? String(Math.round((Number(folder.keepBytes) / GB) * 10) / 10) : "");
  const wholeDays = /^[1-9]\d{0,3}$/.test(days.trim()) ? Number(days) : null;
  const gigabytes = bound.trim() === "" ? 0 : /^\d{1,5}([.,]\d)?$/.test(bound.trim()) ? Number(bound.trim().replace(",", ".")) : null;
  const save = useMutation({
    mutationFn: () => api.folders.setRetention({ folderId: folder.id, keepDays: wholeDays ?? 0, keepBytes: BigInt(Math.round((gigabytes ?? 0) * GB)) }),
    onSuccess: onClose,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (wholeDays !== null && gigabytes !== null && !save.isPending) save.mutate();
  };
  return (
    <Dialog
      open onClose={onClose} title={t("folders.retention.title")} description={t("folders.retention.text")}
      actions={<><Button onClick={onClose}>{t("action.cancel")}</Button><Button kind="primary" type="submit" form="retention" busy={save.isPending} disabled={wholeDays === null || gigabytes === null}>{t("action.save")}</Button></>}
    >
      <form id="retention" className={styles.form} onSubmit={submit} noValidate>
        <div className={styles.pair}>
          <Field
            autoFocus label={t("folders.retention.daysLabel")} hint={t("folders.retention.daysHint")} inputMode="numeric" dir="ltr" value={days} onChange={(event) => setDays(event.target.value)}
            error={wholeDays === null ? t("folders.retention.invalid") : undefined}
          />
          <Field
            label={t("folders.retention.sizeLabel")} hint={t("folders.retention.sizeHint")} inputMode="decimal" dir="ltr" value={bound} onChange={(event) => setBound(event.target.value)}
            error={gigabytes === null ? t("folders.retention.invalid") : undefined}
          />
        </div>
        {save.error && <p role="alert" className={styles.error}>{sentence(problemOf(save.error))}</p>}
        <InfoNote>{t("folders.retention.now", { size: size(Number(folder.binBytes)) })} {t("folders.retention.note")}</InfoNote>
      </form>
    </Dialog>
  );
}
