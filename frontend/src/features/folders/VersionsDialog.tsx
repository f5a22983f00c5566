import { useMutation } from "@tanstack/react-query";
import { RotateCcw } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { FolderRole, type Folder, type Version } from "../../api";
import { baseName } from "../../lib/folderLink";
import { size } from "../../lib/size";
import { full } from "../../lib/time";
import { useApi, useVersions } from "../../live";
import { Button, Dialog, ErrorNote, Waiting } from "../../ui";
import styles from "./dialogs.module.css";
import { Preview } from "./Preview";

/** Earlier versions of a file, each to be looked at and to be had back. */
export function VersionsDialog({ folder, path, onClose }: { folder: Folder; path: string; onClose: () => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const { data, error, refetch } = useVersions(folder.id, path);
  const [wanted, setWanted] = useState("");
  const chosen = data?.find((version) => version.id === wanted) ?? data?.find((version) => !version.isPresent && !version.isRemoval) ?? data?.[0];
  const restore = useMutation({ mutationFn: (version: Version) => api.folders.restoreVersion({ folderId: folder.id, path, versionId: version.id }), onSuccess: onClose });
  const mayRestore = folder.role !== FolderRole.READ && chosen && !chosen.isPresent && !chosen.isRemoval;
  return (
    <Dialog
      open onClose={onClose} size="lg" title={t("folders.versions.title", { name: baseName(path) })} description={folder.keepDays > 0 ? t("folders.versions.text", { count: folder.keepDays }) : undefined}
      actions={<><Button onClick={onClose}>{t("action.close")}</Button>{mayRestore && <Button kind="primary" icon={<RotateCcw aria-hidden />} busy={restore.isPending} onClick={() => restore.mutate(chosen)}>{t("folders.versions.restore")}</Button>}</>}
    >
      {error && !data && <ErrorNote cause={error} onRetry={() => void refetch()} />}
      {!data && !error && <Waiting />}
      {restore.error && <ErrorNote cause={restore.error} />}
      {data && chosen && (
        <div className={styles.versions}>
          <div role="radiogroup" aria-label={t("folders.versions.list")} className={styles.versionList}>
            {data.map((version) => <Row key={version.id} name={baseName(path)} version={version} chosen={version === chosen} onChoose={() => setWanted(version.id)} />)}
          </div>
          <div className={styles.versionShown}>
            {chosen.isRemoval ? <p className={styles.quiet}>{t("folders.versions.removed")}</p>
              : <Preview key={chosen.id} large shown={{ name: baseName(path), contentPath: chosen.contentPath, preview: chosen.preview, stamp: chosen.id }} />}
            {!chosen.here && !chosen.isRemoval && <p className={styles.quiet}>{t("folders.versions.elsewhereNote")}</p>}
          </div>
        </div>
      )}
    </Dialog>
  );
}

function Row({ name, version, chosen, onChoose }: { name: string; version: Version; chosen: boolean; onChoose: () => void }) {
  const { t, i18n } = useTranslation();
  return (
    <label className={styles.version}>
      <input type="radio" name="version" checked={chosen} onChange={onChoose} />
      <span>
        <b>{full(Number(version.unixMs), i18n.language)}</b>
        {/* Before it was renamed it had this name. */}
        {baseName(version.path) !== name && <small><bdi>{baseName(version.path)}</bdi></small>}
        <small><bdi>{version.personName}</bdi> · {version.isRemoval ? t("folders.versions.removal") : size(Number(version.size))}{version.isPresent && <> · {t("folders.versions.present")}</>}</small>
      </span>
    </label>
  );
}
