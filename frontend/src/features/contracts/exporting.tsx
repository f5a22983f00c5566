import { useMutation } from "@tanstack/react-query";
import { ArrowUp, Folder } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useApi, useBrowse } from "../../live";
import { Button, ErrorNote, Field, InfoNote, Progress } from "../../ui";
import styles from "./forms.module.css";
import { joinNames } from "../../lib/names";

export interface Exported {
  readonly id: string;
  readonly title: string;
}

interface Done {
  readonly written: readonly string[];
  readonly failed: readonly string[];
}

/** Contracts go into a folder one after the other, so that one sees how far it is and can stop. */
export function useExport() {
  const api = useApi();
  const [at, setAt] = useState(0);
  const [done, setDone] = useState<Done>({ written: [], failed: [] });
  const stop = useRef(false);
  useEffect(() => () => {
    stop.current = true;
  }, []);
  const run = useMutation({
    mutationFn: async ({ contracts, folder }: { contracts: readonly Exported[]; folder: string }) => {
      stop.current = false;
      let so: Done = { written: [], failed: [] };
      for (const [index, one] of contracts.entries()) {
        if (stop.current) return false;
        setAt(index);
        const answer = await api.contracts.exportContracts({ contractIds: [one.id], folder });
        so = { written: [...so.written, ...answer.written], failed: [...so.failed, ...answer.failed.map(() => one.title)] };
        setDone(so);
      }
      return true;
    },
  });
  return {
    start: run.mutate, at, done, running: run.isPending, over: run.data !== undefined, stopped: run.data === false, error: run.error,
    // What went wrong with one folder says nothing of the next.
    elsewhere: () => {
      if (run.error) run.reset();
    },
    stop: () => {
      stop.current = true;
    },
  };
}

/** A folder of this computer: typed, or by going through those that are there. */
export function FolderPicker({ folder, onFolder }: { folder: string; onFolder: (folder: string) => void }) {
  const { t } = useTranslation();
  const { data: here } = useBrowse(folder);
  return (
    <>
      <Field autoFocus dir="ltr" label={t("contracts.export.folder")} hint={t("contracts.export.hint")} value={folder} onChange={(event) => onFolder(event.target.value)} />
      {here && (here.parent !== "" || here.folders.length > 0) && (
        <div className={styles.folders} role="group" aria-label={t("contracts.export.inside")}>
          {here.parent !== "" && <Button kind="quiet" icon={<ArrowUp aria-hidden />} onClick={() => onFolder(here.parent)}>{t("contracts.export.up")}</Button>}
          {here.folders.map((one) => <Button key={one.path} kind="quiet" icon={<Folder aria-hidden />} onClick={() => onFolder(one.path)}><bdi>{one.name}</bdi></Button>)}
        </div>
      )}
    </>
  );
}

/** How far an export is, and what came of it. */
export function ExportState({ export: { at, done, running, over, stopped, error }, contracts, folder }: { export: ReturnType<typeof useExport>; contracts: readonly Exported[]; folder: string }) {
  const { t, i18n } = useTranslation();
  const one = contracts.length === 1;
  return (
    <>
      {running && (
        <div className={styles.field} role="status">
          <p>{t("contracts.export.running", { at: at + 1, count: contracts.length, title: contracts[at]?.title ?? "" })}</p>
          <Progress label={t("contracts.export.progress")} done={BigInt(at)} total={BigInt(contracts.length)} />
        </div>
      )}
      {!running && done.written.length > 0 && <InfoNote>{one ? t("contracts.export.done", { folder: done.written[0]! }) : t("contracts.export.doneMany", { count: done.written.length, folder })}</InfoNote>}
      {over && stopped && <InfoNote tone="warn">{t("contracts.export.stopped")}</InfoNote>}
      {!running && done.failed.length > 0 && <InfoNote tone="warn">{one ? t("contracts.export.failed") : t("contracts.export.failedMany", { titles: joinNames(done.failed, i18n.language) })}</InfoNote>}
      {error !== null && <ErrorNote cause={error} />}
    </>
  );
}
