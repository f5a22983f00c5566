import { useMutation } from "@tanstack/react-query";
import { GitCompareArrows } from "lucide-react";
import { useId, useRef, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { FolderRole, Resolution, type Conflict, type Folder } from "../../api";
import { baseName, parentOf } from "../../lib/folderLink";
import { full } from "../../lib/time";
import { useApi, useConflicts } from "../../live";
import { Button, Choices, Empty, ErrorNote, FileIcon, InfoNote, Waiting } from "../../ui";
import { Compare } from "./Compare";
import styles from "./conflicts.module.css";
import view from "./view.module.css";

/** What the conflict is about; the copy alone remains when the other one was deleted meanwhile. */
const nameOf = (conflict: Conflict) => baseName((conflict.original ?? conflict.copy!).path);

/** Files that two people changed at once: both are there, and one decides. */
export function Conflicts({ folder }: { folder: Folder }) {
  const { t } = useTranslation();
  const id = useId();
  const { data, error, refetch } = useConflicts(folder.id);
  const [wanted, setWanted] = useState("");
  const list = useRef<HTMLDivElement>(null);
  if (error && !data) return <div className={view.page}><ErrorNote cause={error} onRetry={() => void refetch()} /></div>;
  if (!data) return <Waiting />;
  if (data.length === 0) return <Empty icon={<GitCompareArrows />} title={t("folders.noConflicts")}>{t("folders.noConflictsText")}</Empty>;
  const chosen = data.find((conflict) => conflict.copy?.path === wanted) ?? data[0]!;
  const index = data.indexOf(chosen);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const next = data[index + step];
    if (step === 0 || !next) return;
    event.preventDefault();
    setWanted(next.copy!.path);
  };
  return (
    <div className={styles.frame}>
      <div ref={list} role="listbox" tabIndex={0} aria-label={t("folders.view.conflicts")} aria-activedescendant={`${id}-${index}`} className={styles.list} onKeyDown={onKeyDown}>
        {data.map((conflict, at) => (
          <div key={conflict.copy!.path} id={`${id}-${at}`} role="option" aria-selected={conflict === chosen} className={styles.option} onClick={() => setWanted(conflict.copy!.path)}>
            <FileIcon name={nameOf(conflict)} small />
            <span><bdi>{nameOf(conflict)}</bdi>{parentOf(conflict.copy!.path) !== "" && <small><bdi>{parentOf(conflict.copy!.path)}</bdi></small>}</span>
          </div>
        ))}
      </div>
      <One key={chosen.copy!.path} folder={folder} conflict={chosen} onDone={() => list.current?.focus()} />
    </div>
  );
}

const WAYS = [["original", Resolution.KEEP_ORIGINAL], ["copy", Resolution.KEEP_COPY], ["both", Resolution.KEEP_BOTH]] as const;
type Way = (typeof WAYS)[number][0];

function One({ folder, conflict, onDone }: { folder: Folder; conflict: Conflict; onDone: () => void }) {
  const { t, i18n } = useTranslation();
  const api = useApi();
  const [way, setWay] = useState<Way>("both");
  const copy = conflict.copy!;
  const { original } = conflict;
  const resolve = useMutation({
    mutationFn: () => api.folders.resolve({ folderId: folder.id, copyPath: copy.path, resolution: WAYS.find(([key]) => key === way)![1] }),
    onSuccess: onDone,
  });
  const who = { first: original?.personName ?? "", second: copy.personName };
  const times = { first: original ? full(Number(original.unixMs), i18n.language) : "", second: full(Number(copy.unixMs), i18n.language) };
  return (
    <div className={styles.one} role="region" tabIndex={0} aria-label={nameOf(conflict)}>
      <h2><bdi>{nameOf(conflict)}</bdi></h2>
      <p className={view.lead}>{original ? t("folders.conflict.lead", { ...who }) : t("folders.conflict.goneWords")}</p>
      <Compare original={original} copy={copy} />
      {folder.role === FolderRole.READ ? <InfoNote>{t("folders.conflict.readOnly")}</InfoNote> : (
        <form
          className={styles.resolve}
          onSubmit={(event) => {
            event.preventDefault();
            if (!resolve.isPending) resolve.mutate();
          }}
        >
          <Choices
            label={t("folders.conflict.question")} value={way} onChange={setWay}
            options={[
              ...(original ? [{ value: "original" as const, label: t("folders.conflict.original", { person: who.first, time: times.first }), note: t("folders.conflict.originalNote", { person: who.second }) }] : []),
              { value: "copy", label: t("folders.conflict.copy", { person: who.second, time: times.second }), note: original ? t("folders.conflict.copyNote", { person: who.first }) : undefined },
              { value: "both", label: t("folders.conflict.both"), note: t("folders.conflict.bothNote", { name: baseName(copy.path) }) },
            ]}
          />
          {resolve.error && <ErrorNote cause={resolve.error} />}
          <div><Button type="submit" kind="primary" busy={resolve.isPending}>{t("folders.conflict.resolve")}</Button></div>
        </form>
      )}
    </div>
  );
}
