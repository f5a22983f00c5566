import { ChevronDown, ChevronRight } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { EntryKind, type Entry, type Folder } from "../../api";
import { size } from "../../lib/size";
import { useEntries } from "../../live";
import { CheckRow, ErrorNote, IconButton, Waiting } from "../../ui";
import styles from "./dialogs.module.css";
import type { Picked } from "./parts";
import { sortEntries } from "./sort";
import { amount, useSpeech } from "./words";

/** Which parts of a folder are kept. What lies in a chosen folder is chosen with it. */
export function SubfolderTree({ folder, picked, onPicked }: { folder: Folder; picked: Picked; onPicked: (picked: Picked) => void }) {
  const { t } = useTranslation();
  return <div className={styles.tree} role="group" aria-label={t("folders.keep.tree")} tabIndex={0}><Level folder={folder} path="" inside={false} picked={picked} onPicked={onPicked} /></div>;
}

function Level({ folder, path, inside, picked, onPicked }: { folder: Folder; path: string; inside: boolean; picked: Picked; onPicked: (picked: Picked) => void }) {
  const { data, error } = useEntries(folder.id, path);
  const shown = useMemo(() => sortEntries(data?.entries.filter((entry) => entry.kind !== EntryKind.LINK) ?? [], { key: "name", down: false }).slice(0, 500), [data]);
  if (error) return <ErrorNote cause={error} />;
  if (!data) return <Waiting />;
  return <ul>{shown.map((entry) => <Node key={entry.path} folder={folder} entry={entry} inside={inside} picked={picked} onPicked={onPicked} />)}</ul>;
}

function Node({ folder, entry, inside, picked, onPicked }: { folder: Folder; entry: Entry; inside: boolean; picked: Picked; onPicked: (picked: Picked) => void }) {
  const { t } = useTranslation();
  const speech = useSpeech();
  const isFolder = entry.kind === EntryKind.FOLDER;
  const own = picked.has(entry.path);
  const partly = !own && !inside && isFolder && [...picked.keys()].some((path) => path.startsWith(`${entry.path}/`));
  const [open, setOpen] = useState(partly);
  const toggle = (on: boolean) => {
    // Parts of what is chosen whole need no mention.
    const next = new Map([...picked].filter(([path]) => path !== entry.path && !path.startsWith(`${entry.path}/`)));
    if (on) next.set(entry.path, { bytes: entry.size });
    onPicked(next);
  };
  const note = isFolder ? amount(entry.files, entry.size, speech) : size(Number(entry.size));
  return (
    <li>
      <div className={styles.node}>
        {isFolder ? <IconButton label={open ? t("folders.keep.close", { name: entry.name }) : t("folders.keep.open", { name: entry.name })} aria-expanded={open} onClick={() => setOpen(!open)}>{open ? <ChevronDown /> : <ChevronRight />}</IconButton> : <span className={styles.gap} />}
        <CheckRow label={entry.name} note={partly ? t("folders.keep.partly", { note }) : note} checked={own || inside} disabled={inside} onChange={toggle} />
      </div>
      {open && <Level folder={folder} path={entry.path} inside={inside || own} picked={picked} onPicked={onPicked} />}
    </li>
  );
}
