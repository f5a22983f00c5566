import { useQuery } from "@tanstack/react-query";
import { EntryKind, FolderMode, type Entry, type Folder } from "../../api";
import { folderKeys, useApi } from "../../live";

/** Paths that are kept with all that is in them; null where the amount is not known. */
export type Picked = ReadonlyMap<string, { readonly bytes: bigint } | null>;

const within = (path: string, folder: string) => folder === "" || path === folder || path.startsWith(`${folder}/`);

/**
 * What of a folder is kept as a list of parts. Where something is left out of a part, or of everything, the list names what lies beside it:
 * it says the same, and every tick stands where people look for it.
 */
export async function keptParts(folder: Pick<Folder, "mode" | "chosen" | "leftOut">, look: (path: string) => Promise<readonly Entry[]>): Promise<Picked> {
  const { chosen, leftOut } = folder;
  const picked = new Map<string, { bytes: bigint } | null>();
  const divide = async (path: string): Promise<void> => {
    for (const entry of await look(path)) {
      if (entry.kind === EntryKind.LINK || leftOut.includes(entry.path) || chosen.includes(entry.path)) continue;
      if (leftOut.some((left) => within(left, entry.path))) await divide(entry.path);
      else picked.set(entry.path, { bytes: entry.size });
    }
  };
  // Something is left out of everything when no chosen part holds it.
  const ofAll = leftOut.some((left) => !chosen.some((part) => within(left, part)));
  if (folder.mode === FolderMode.WHOLE || (folder.mode === FolderMode.CHOSEN && ofAll)) await divide("");
  for (const part of chosen) {
    if (leftOut.some((left) => within(left, part))) await divide(part);
    else picked.set(part, null);
  }
  return picked;
}

/** What is kept when the question is asked; it does not change while one answers. */
export function useKeptParts(folder: Folder) {
  const api = useApi();
  return useQuery({
    queryKey: [...folderKeys.at(folder.id), "parts"],
    queryFn: ({ signal }) => keptParts(folder, async (path) => {
      const entries: Entry[] = [];
      for (;;) {
        const page = await api.folders.entries({ folderId: folder.id, path, after: entries.at(-1)?.name ?? "", limit: 1000 }, { signal });
        entries.push(...page.entries);
        if (!page.hasMore || page.entries.length === 0) return entries;
      }
    }),
    staleTime: 0, gcTime: 0,
  });
}
