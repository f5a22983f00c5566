import { useMutation } from "@tanstack/react-query";
import { ArrowUp, ChevronRight, FolderPlus } from "lucide-react";
import { useEffect, useId, useRef, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { problemOf, type LocalFolder } from "../../api";
import { size } from "../../lib/size";
import { useApi, useBrowse } from "../../live";
import { Button, cx, ErrorNote, Field, FileIcon, IconButton, useSentence, Waiting } from "../../ui";
import styles from "./chooser.module.css";
import { localCrumbs } from "./localPath";
import { typeAhead } from "./sort";

/** A folder of this computer. */
export interface Chosen {
  readonly path: string;
  /** Why it cannot be chosen, or "". */
  readonly errorCode: string;
}

/** Goes through the folders of this computer: rows for what lies inside, crumbs for where one is. */
export function FolderChooser({ chosen, onChosen, label }: { chosen: Chosen; onChosen: (chosen: Chosen) => void; label: string }) {
  const { t } = useTranslation();
  const id = useId();
  // Where one stands, and why that itself may not be chosen.
  const [at, setAt] = useState<Chosen>({ path: "", errorCode: "" });
  const [naming, setNaming] = useState(false);
  const list = useRef<HTMLDivElement>(null);
  const { data, error, refetch, isPlaceholderData } = useBrowse(at.path);
  const folders = data?.folders ?? [];
  // Where it begins may be a folder itself.
  const here = data?.path ?? at.path;
  const index = folders.findIndex((folder) => folder.path === chosen.path);

  const enter = (folder: Chosen) => {
    setAt({ path: folder.path, errorCode: folder.errorCode });
    onChosen(folder);
    setNaming(false);
    list.current?.focus();
  };
  // Nothing is known of a parent until it is browsed; the program has the last word anyway.
  const up = () => data && here !== "" && data.parent !== here && enter({ path: data.parent, errorCode: "" });
  const choose = (folder: LocalFolder | undefined) => folder && onChosen({ path: folder.path, errorCode: folder.errorCode });
  useEffect(() => {
    if (index >= 0) document.getElementById(`${id}-${index}`)?.scrollIntoView({ block: "nearest" });
  }, [id, index]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || event.ctrlKey || event.metaKey) return;
    const current = folders[index];
    const deeds: Record<string, () => unknown> = {
      ArrowDown: () => choose(folders[Math.min(folders.length - 1, index + 1)]), ArrowUp: () => (event.altKey ? up() : choose(folders[Math.max(0, index - 1)])),
      Home: () => choose(folders[0]), End: () => choose(folders.at(-1)), Enter: () => current && enter(current), ArrowRight: () => current && enter(current), ArrowLeft: up, Backspace: up,
    };
    const deed = deeds[event.key];
    if (deed) {
      event.preventDefault();
      deed();
    } else if ([...event.key].length === 1 && !event.altKey) choose(folders[typeAhead(folders as never, event.key, index + 1)]);
  };

  return (
    <div className={styles.chooser}>
      <div className={styles.bar}>
        <IconButton label={t("folders.chooser.up")} disabled={here === ""} onClick={up}><ArrowUp /></IconButton>
        <nav aria-label={t("folders.crumbs")} className={styles.crumbs}>
          <button type="button" onClick={() => enter({ path: "", errorCode: "" })}>{t("folders.chooser.places")}</button>
          {localCrumbs(here).map((crumb) => <span key={crumb.path}><ChevronRight aria-hidden /><button type="button" onClick={() => enter({ path: crumb.path, errorCode: crumb.path === here ? at.errorCode : "" })}><bdi>{crumb.name}</bdi></button></span>)}
        </nav>
        {here !== "" && <Button kind="quiet" icon={<FolderPlus aria-hidden />} aria-expanded={naming} onClick={() => setNaming(!naming)}>{t("folders.chooser.make")}</Button>}
      </div>
      {naming && <NewFolder parent={here} onMade={(path) => enter({ path, errorCode: "" })} />}
      {error ? <ErrorNote cause={error} onRetry={() => void refetch()} /> : !data ? <Waiting /> : (
        <div
          ref={list} role="listbox" tabIndex={0} aria-label={label} aria-activedescendant={index >= 0 ? `${id}-${index}` : undefined} aria-busy={isPlaceholderData || undefined} className={styles.list} onKeyDown={onKeyDown}
          onFocus={(event) => event.target.matches(":focus-visible") && index < 0 && chosen.path === "" && choose(folders[0])}
        >
          {folders.map((folder, place) => (
            <div
              key={folder.path} id={`${id}-${place}`} role="option" aria-selected={place === index} className={cx(styles.option, folder.errorCode !== "" && styles.unfit)}
              onClick={() => choose(folder)} onDoubleClick={() => enter(folder)}
            >
              <FileIcon name={folder.name} kind="folder" small />
              <span><bdi>{folder.name}</bdi></span>
              {/* For the pointer; Enter does it by keyboard. */}
              <i className={styles.into} title={t("folders.chooser.enter", { name: folder.name })} aria-hidden onClick={(event) => {
                event.stopPropagation();
                enter(folder);
              }}><ChevronRight /></i>
            </div>
          ))}
          {folders.length === 0 && <p className={styles.none}>{t("folders.chooser.empty")}</p>}
        </div>
      )}
      {data && data.freeBytes > 0n && <p className={styles.free}>{t("folders.chooser.free", { size: size(Number(data.freeBytes)) })}</p>}
    </div>
  );
}

function NewFolder({ parent, onMade }: { parent: string; onMade: (path: string) => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const sentence = useSentence();
  const [name, setName] = useState("");
  const make = useMutation({
    mutationFn: () => api.folders.makeLocalFolder({ parent, name }),
    // The answer is the new folder, with nothing in it yet.
    onSuccess: (answer) => onMade(answer.path),
  });
  const submit = () => name.trim() !== "" && !make.isPending && make.mutate();
  return (
    <div className={styles.naming}>
      <Field
        bare autoFocus label={t("folders.chooser.newName")} placeholder={t("folders.chooser.newName")} value={name} onChange={(event) => setName(event.target.value)} error={make.error ? sentence(problemOf(make.error)) : undefined}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.nativeEvent.isComposing) return;
          // It makes a folder; it does not send the form around.
          event.preventDefault();
          submit();
        }}
      />
      <Button busy={make.isPending} disabled={name.trim() === ""} onClick={submit}>{t("action.create")}</Button>
    </div>
  );
}
