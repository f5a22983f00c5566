import { useMutation } from "@tanstack/react-query";
import { EntryKind, EntryState, FolderMode, FolderRole, type Entry, type Folder } from "../../api";
import { isDocument, useGo } from "../../lib/routes";
import { useApi, useRuntime } from "../../live";
import type { FolderTask } from "./FolderDialogs";

/** What can be done with an entry now. */
export interface EntryDeeds {
  readonly error: unknown;
  readonly canOpen: (entry: Entry) => boolean;
  readonly canReveal: (entry: Entry) => boolean;
  readonly canSave: (entry: Entry) => boolean;
  readonly canFetch: (entry: Entry) => boolean;
  readonly canDrop: (entry: Entry) => boolean;
  readonly canRestore: boolean;
  readonly canSign: (entry: Entry) => boolean;
  readonly open: (entry: Entry) => void;
  readonly reveal: (entry: Entry) => void;
  readonly save: (entry: Entry) => void;
  readonly fetch: (entry: Entry) => void;
  readonly sign: (entry: Entry) => void;
  readonly ask: (task: FolderTask) => void;
}

/** The address that hands the content over as a file; a fake's are as they are. */
export const asDownload = (path: string) => (path.startsWith("/") ? `${path}?download` : path);

export const isHere = (entry: Entry) => entry.state === EntryState.HERE || entry.state === EntryState.CHANGED_HERE;

export function useEntryDeeds(folder: Folder | undefined, ask: (task: FolderTask) => void): EntryDeeds {
  const api = useApi();
  const runtime = useRuntime();
  const go = useGo();
  const which = (entry: Entry) => ({ folderId: folder?.id ?? "", path: entry.path });
  const open = useMutation({ mutationFn: (entry: Entry) => api.folders.openEntry(which(entry)) });
  const reveal = useMutation({ mutationFn: (entry: Entry) => api.folders.revealEntry(which(entry)) });
  const keep = useMutation({ mutationFn: (entry: Entry) => api.folders.keepEntry({ ...which(entry), keep: true }) });
  const kept = folder !== undefined && folder.localPath !== "";
  const newest = [open, reveal, keep].reduce((last, one) => (one.submittedAt > last.submittedAt ? one : last));
  return {
    // Of another folder it says nothing.
    error: newest.context === undefined && newest.variables && newest.error ? newest.error : null,
    canOpen: (entry) => runtime.hasDesktop && isHere(entry) && entry.kind === EntryKind.FILE,
    canReveal: (entry) => runtime.hasDesktop && kept && isHere(entry),
    canSave: (entry) => runtime.canDownload && entry.contentPath !== "" && entry.kind === EntryKind.FILE,
    // Without a place of its own the folder has nowhere to put a file.
    canFetch: (entry) => entry.state === EntryState.LISTED && entry.kind !== EntryKind.LINK,
    canDrop: (entry) => kept && folder?.mode !== FolderMode.LISTED && entry.state === EntryState.HERE,
    canRestore: folder?.role !== FolderRole.READ,
    // What is only listed would have to be fetched first.
    canSign: (entry) => entry.kind === EntryKind.FILE && isHere(entry) && isDocument(entry.name),
    open: (entry) => open.mutate(entry),
    reveal: (entry) => reveal.mutate(entry),
    save(entry) {
      const link = document.createElement("a");
      link.href = asDownload(entry.contentPath);
      link.download = entry.name;
      link.click();
    },
    fetch(entry) {
      if (kept) keep.mutate(entry);
      else ask({ kind: "keep", mode: FolderMode.CHOSEN, chosen: entry.path });
    },
    sign: (entry) => folder && go.prepare(folder.workspaceId, { folderId: folder.id, path: entry.path }),
    ask,
  };
}
