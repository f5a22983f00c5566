import { Download, Ellipsis, Expand, FileClock, FolderOpen, HardDriveDownload, Share2, SquareArrowOutUpRight, X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { EntryKind, EntryState, type Entry, type Folder } from "../../api";
import { full } from "../../lib/time";
import { useRuntime } from "../../live";
import { Button, Dialog, FileIcon, IconButton, InfoNote, Menu, Progress } from "../../ui";
import { EntryStatus, kindOf } from "./EntryRow";
import { entryMenu } from "./entryMenu";
import panel from "./panel.module.css";
import { Preview, type Shown } from "./Preview";
import { isHere, type EntryDeeds } from "./useEntryDeeds";
import { kindWords, useSpeech } from "./words";

const LARGER = ["picture", "text", "pdf"];

/** One entry: what it is, where it is, and what can be done with it. */
export function EntryPanel({ folder, entry, deeds, onClose }: { folder: Folder; entry: Entry; deeds: EntryDeeds; onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const runtime = useRuntime();
  const speech = useSpeech();
  const [large, setLarge] = useState(false);
  const isFile = entry.kind === EntryKind.FILE;
  const shown: Shown = { name: entry.name, contentPath: entry.contentPath, preview: entry.preview, stamp: `${entry.changedUnixMs}/${entry.modifiedUnixMs}/${entry.size}` };
  const canEnlarge = isFile && entry.contentPath !== "" && LARGER.includes(entry.preview);
  return (
    <section className={panel.panel} aria-label={t("folders.panel", { name: entry.name })}>
      <header className={panel.head}>
        <FileIcon name={entry.name} kind={kindOf(entry)} small />
        <h2 title={entry.name}><bdi>{entry.name}</bdi></h2>
        <Menu label={t("folders.menu.title", { name: entry.name })} trigger={<IconButton label={t("folders.menu.title", { name: entry.name })}><Ellipsis /></IconButton>} entries={entryMenu(folder, entry, deeds, t)} />
        <IconButton label={t("action.close")} onClick={onClose}><X /></IconButton>
      </header>
      {isFile && (
        <div className={panel.preview}>
          <Preview key={shown.stamp} shown={shown} />
          {canEnlarge && <IconButton label={t("folders.preview.enlarge")} className={panel.enlarge} onClick={() => setLarge(true)}><Expand /></IconButton>}
        </div>
      )}
      <div className={panel.state}><EntryStatus entry={entry} /></div>
      {entry.state === EntryState.FETCHING && <Progress label={entry.name} done={entry.fetched} total={entry.size} />}
      {entry.isConflict && <InfoNote tone="warn">{t("folders.conflictNote")}</InfoNote>}
      <div className={panel.deeds}>
        {deeds.canOpen(entry) && <Button kind="primary" icon={<SquareArrowOutUpRight aria-hidden />} onClick={() => deeds.open(entry)}>{t("folders.deed.open")}</Button>}
        {deeds.canFetch(entry) && <Button kind="primary" icon={<HardDriveDownload aria-hidden />} onClick={() => deeds.fetch(entry)}>{t("folders.deed.fetch")}</Button>}
        {deeds.canReveal(entry) && <Button icon={<FolderOpen aria-hidden />} onClick={() => deeds.reveal(entry)}>{t("folders.deed.reveal")}</Button>}
        {deeds.canSave(entry) && <Button icon={<Download aria-hidden />} onClick={() => deeds.save(entry)}>{t("folders.deed.save")}</Button>}
        <div className={panel.row}>
          <Button icon={<Share2 aria-hidden />} onClick={() => deeds.ask({ kind: "send", path: entry.path, isFolder: entry.kind === EntryKind.FOLDER })}>{t("folders.deed.sendShort")}</Button>
          {isFile && <Button icon={<FileClock aria-hidden />} onClick={() => deeds.ask({ kind: "versions", path: entry.path })}>{t("folders.deed.versions")}</Button>}
        </div>
      </div>
      <dl className={panel.facts}>
        <div><dt>{entry.kind === EntryKind.LINK ? t("folders.fact.link") : t("folders.fact.size")}</dt><dd>{kindWords(entry, speech)}</dd></div>
        {entry.changedBy !== "" && <div><dt>{t("folders.fact.by")}</dt><dd><bdi>{entry.changedBy}</bdi></dd></div>}
        {entry.changedUnixMs > 0n && <div><dt>{t("folders.fact.changed")}</dt><dd>{full(Number(entry.changedUnixMs), i18n.language)}</dd></div>}
        <div className={panel.long}><dt>{t("folders.fact.path")}</dt><dd><bdi>{entry.path}</bdi></dd></div>
      </dl>
      {!runtime.hasDesktop && isFile && isHere(entry) && <p className={panel.quiet}>{t("folders.inBrowser")}</p>}
      {large && (
        <Dialog open onClose={() => setLarge(false)} title={entry.name} size="lg" actions={deeds.canSave(entry) ? <Button icon={<Download aria-hidden />} onClick={() => deeds.save(entry)}>{t("folders.deed.save")}</Button> : undefined}>
          <Preview shown={shown} large />
        </Dialog>
      )}
    </section>
  );
}
