import type { TFunction } from "i18next";
import { CloudOff, Download, Eye, FileClock, FilePenLine, FolderOpen, History, HardDriveDownload, Share2, SquareArrowOutUpRight } from "lucide-react";
import { EntryKind, type Entry, type Folder } from "../../api";
import type { MenuEntry } from "../../ui";
import type { EntryDeeds } from "./useEntryDeeds";

/** Everything that can be done with an entry now, in the order of how often it is. */
export function entryMenu(_folder: Folder, entry: Entry, deeds: EntryDeeds, t: TFunction, look?: () => void): MenuEntry[] {
  const { path } = entry;
  const isFolder = entry.kind === EntryKind.FOLDER;
  const one = (when: boolean, key: string, label: string, Icon: typeof Eye, onSelect: () => void, more: Partial<MenuEntry> = {}): MenuEntry[] =>
    when ? [{ key, label, icon: <Icon aria-hidden />, onSelect, ...more }] : [];
  return [
    ...one(look !== undefined, "look", isFolder ? t("folders.deed.enter") : t("folders.deed.look"), Eye, () => look?.()),
    ...one(deeds.canOpen(entry), "open", t("folders.deed.open"), SquareArrowOutUpRight, () => deeds.open(entry)),
    ...one(deeds.canReveal(entry), "reveal", t("folders.deed.reveal"), FolderOpen, () => deeds.reveal(entry)),
    ...one(deeds.canSave(entry), "save", t("folders.deed.save"), Download, () => deeds.save(entry)),
    ...one(deeds.canFetch(entry), "fetch", t("folders.deed.fetch"), HardDriveDownload, () => deeds.fetch(entry)),
    ...one(deeds.canSign(entry), "sign", t("folders.deed.sign"), FilePenLine, () => deeds.sign(entry)),
    ...one(true, "send", t("folders.deed.send"), Share2, () => deeds.ask({ kind: "send", path, isFolder }), { divided: true }),
    ...one(entry.kind === EntryKind.FILE, "versions", t("folders.deed.versions"), FileClock, () => deeds.ask({ kind: "versions", path })),
    ...one(isFolder && deeds.canRestore, "asof", t("folders.deed.asOf"), History, () => deeds.ask({ kind: "asof", path })),
    ...one(deeds.canDrop(entry), "drop", t("folders.deed.drop"), CloudOff, () => deeds.ask({ kind: "drop", entry }), { divided: true }),
  ];
}
