import { useMutation, useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Folder } from "../../api";
import { baseName } from "../../lib/folderLink";
import { whole } from "../../lib/number";
import { full } from "../../lib/time";
import { folderKeys, useApi } from "../../live";
import { Button, Dialog, ErrorNote, InfoNote, Waiting } from "../../ui";
import styles from "./dialogs.module.css";

/** 2026-11-27T10:42, in the time of this computer, as the input wants it. */
function local(ms: number): string {
  const date = new Date(ms);
  return new Date(ms - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** The folder, or a part of it, as it was at a time: first it is counted, then it is done. */
export function AsOfDialog({ folder, path, onClose }: { folder: Folder; path: string; onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const api = useApi();
  const id = useId();
  const [text, setText] = useState(() => local(Date.now() - 86_400_000));
  const [opened] = useState(() => Date.now());
  const at = new Date(text).getTime();
  const valid = !Number.isNaN(at) && at <= opened + 60_000;
  const counted = useQuery({
    queryKey: [...folderKeys.at(folder.id), "asof", path, at], enabled: valid, gcTime: 0,
    queryFn: ({ signal }) => api.folders.restoreAsOf({ folderId: folder.id, path, unixMs: BigInt(at), preview: true }, { signal }),
  });
  const restore = useMutation({ mutationFn: () => api.folders.restoreAsOf({ folderId: folder.id, path, unixMs: BigInt(at), preview: false }) });
  const name = path === "" ? folder.name : baseName(path);
  const done = restore.data;
  const counts = done ?? counted.data;
  const nothing = counts && counts.restored + counts.changed + counts.removed === 0n;
  const rows = counts && ([["restored", counts.restored], ["changed", counts.changed], ["removed", counts.removed]] as const).filter(([, count]) => count > 0n);
  return (
    <Dialog
      open onClose={onClose} title={t("folders.asOf.title", { name })} description={t("folders.asOf.text")}
      actions={done ? <Button kind="primary" onClick={onClose}>{t("action.close")}</Button> : (
        <><Button onClick={onClose}>{t("action.cancel")}</Button><Button kind="primary" busy={restore.isPending} disabled={!valid || !counted.data || nothing === true} onClick={() => restore.mutate()}>{t("folders.asOf.restore")}</Button></>
      )}
    >
      <div className={styles.form}>
        {!done && (
          <div className={styles.field}>
            <label htmlFor={id}>{t("folders.asOf.label")}</label>
            <input id={id} type="datetime-local" className={styles.input} value={text} max={local(opened)} onChange={(event) => setText(event.target.value)} aria-invalid={!valid || undefined} />
            {!valid && <p role="alert" className={styles.error}>{t("folders.asOf.invalid")}</p>}
          </div>
        )}
        {counted.error && <ErrorNote cause={counted.error} />}
        {restore.error && <ErrorNote cause={restore.error} />}
        {valid && counted.isPending && !done && <Waiting />}
        {rows && (
          <div role="status" className={styles.counts}>
            <p>{done ? t("folders.asOf.done") : nothing ? t("folders.asOf.nothing") : t("folders.asOf.will", { time: full(at, i18n.language) })}</p>
            <ul>{rows.map(([key, count]) => <li key={key}>{t(`folders.asOf.${key}`, { count: Number(count), n: whole(count, i18n.language) })}</li>)}</ul>
          </div>
        )}
        {!done && counts && counts.removed > 0n && <InfoNote>{t("folders.asOf.binNote")}</InfoNote>}
      </div>
    </Dialog>
  );
}
