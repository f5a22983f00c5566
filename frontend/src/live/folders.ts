import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { Entry } from "../api";
import { useApi, useTopic } from "./context";

// "folders" is a topic and heads its keys. "folder:<id>" speaks with every file that moves, so what hangs on it is asked again at a
// calm pace by usePulse: its keys begin with "at".
export const folderKeys = {
  folders: (ws: string) => ["folders", "of", ws] as const,
  members: (folder: string) => ["folders", "members", folder] as const,
  pace: ["folders", "pace"] as const,
  at: (folder: string) => ["at", folder] as const,
  entries: (folder: string, path: string) => ["at", folder, "entries", path] as const,
  browse: (path: string) => ["browse", path] as const,
};

const PAGE = 1000;
/** More than this in one folder is better searched. */
export const MOST_ENTRIES = 30_000;
const PULSE_MS = 400;

export function useFolders(ws: string) {
  const api = useApi();
  return useQuery({ queryKey: folderKeys.folders(ws), queryFn: async ({ signal }) => (await api.folders.folders({ workspaceId: ws }, { signal })).folders });
}

export function useFolderMembers(folder: string) {
  const api = useApi();
  return useQuery({ queryKey: folderKeys.members(folder), queryFn: async ({ signal }) => (await api.folders.folderMembers({ folderId: folder }, { signal })).members });
}

export function usePace() {
  const api = useApi();
  return useQuery({
    queryKey: folderKeys.pace,
    queryFn: ({ signal }) => api.folders.pace({}, { signal }),
    // Cables are pulled and networks changed without a word; only the page that shows them asks.
    refetchInterval: 10_000,
  });
}

/** Asks again what is shown of a folder when it changed: at once, and then no more often than the eye needs. */
export function usePulse(folder: string): void {
  const client = useQueryClient();
  const [pulse] = useState(() => pacer(PULSE_MS));
  const again = () => pulse(() => refresh(client, folder));
  useTopic(`folder:${folder}`, again);
  // Nobody listened while something else was shown.
  useEffect(() => void refresh(client, folder), [client, folder]);
}

const refresh = (client: QueryClient, folder: string) => client.invalidateQueries({ queryKey: folderKeys.at(folder) }, { cancelRefetch: false });

/** Runs a deed at once, and again after it ended when it was wanted meanwhile, never two within `pause`. */
export function pacer(pause: number): (deed: () => Promise<unknown>) => void {
  let busy = false;
  let wanted = false;
  const run = (deed: () => Promise<unknown>) => {
    if (busy) {
      wanted = true;
      return;
    }
    busy = true;
    void Promise.all([deed(), new Promise((done) => setTimeout(done, pause))]).catch(() => {}).then(() => {
      busy = false;
      if (!wanted) return;
      wanted = false;
      run(deed);
    });
  };
  return run;
}

export interface EntryList {
  readonly entries: readonly Entry[];
  readonly total: number;
  /** More follow, or are on their way to the screen. */
  readonly hasMore: boolean;
}

/** Everything that lies directly in a folder. Of a long list the first page is shown while the others come. */
export function useEntries(folder: string, path: string, enabled = true) {
  const api = useApi();
  const client = useQueryClient();
  const queryKey = folderKeys.entries(folder, path);
  return useQuery<EntryList>({
    queryKey,
    enabled,
    queryFn: async ({ signal }) => {
      const entries: Entry[] = [];
      for (;;) {
        const page = await api.folders.entries({ folderId: folder, path, after: entries.at(-1)?.name ?? "", limit: PAGE }, { signal });
        entries.push(...page.entries);
        const list = { entries, total: Number(page.total), hasMore: page.hasMore };
        if (!page.hasMore || page.entries.length === 0 || entries.length >= MOST_ENTRIES) return list;
        if (client.getQueryData(queryKey) === undefined) client.setQueryData(queryKey, { ...list, entries: [...entries] });
      }
    },
  });
}

export function useFindEntries(folder: string, text: string) {
  const api = useApi();
  return useQuery({
    queryKey: [...folderKeys.at(folder), "find", text],
    queryFn: ({ signal }) => api.folders.findEntries({ folderId: folder, text, limit: 200 }, { signal }),
    enabled: text !== "",
    placeholderData: keepPreviousData,
  });
}

export function useTransfers(folder: string) {
  const api = useApi();
  return useQuery({ queryKey: [...folderKeys.at(folder), "transfers"], queryFn: ({ signal }) => api.folders.transfers({ folderId: folder }, { signal }) });
}

export function useFolderChanges(folder: string) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: [...folderKeys.at(folder), "changes"],
    queryFn: ({ signal, pageParam }) => api.folders.folderChanges({ folderId: folder, before: pageParam, limit: 50 }, { signal }),
    initialPageParam: "",
    getNextPageParam: (page) => (page.hasMore ? page.changes.at(-1)?.cursor : undefined),
  });
}

export function useFolderProblems(folder: string) {
  const api = useApi();
  return useQuery({ queryKey: [...folderKeys.at(folder), "problems"], queryFn: async ({ signal }) => (await api.folders.problems({ folderId: folder }, { signal })).problems });
}

export function useConflicts(folder: string) {
  const api = useApi();
  return useQuery({ queryKey: [...folderKeys.at(folder), "conflicts"], queryFn: async ({ signal }) => (await api.folders.conflicts({ folderId: folder }, { signal })).conflicts });
}

export function useVersions(folder: string, path: string) {
  const api = useApi();
  return useQuery({ queryKey: [...folderKeys.at(folder), "versions", path], queryFn: async ({ signal }) => (await api.folders.versions({ folderId: folder, path }, { signal })).versions });
}

export function useBin(folder: string) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: [...folderKeys.at(folder), "bin"],
    queryFn: ({ signal, pageParam }) => api.folders.bin({ folderId: folder, after: pageParam, limit: 100 }, { signal }),
    initialPageParam: "",
    getNextPageParam: (page) => (page.hasMore && page.next !== "" ? page.next : undefined),
  });
}

export function useIgnore(folder: string) {
  const api = useApi();
  return useQuery({ queryKey: [...folderKeys.at(folder), "ignore"], queryFn: ({ signal }) => api.folders.ignore({ folderId: folder }, { signal }) });
}

/** What rules would hide. The answer before stays until the next one, so that nothing flickers while one types. */
export function useIgnorePreview(folder: string, text: string) {
  const api = useApi();
  return useQuery({
    queryKey: [...folderKeys.at(folder), "hides", text],
    queryFn: ({ signal }) => api.folders.previewIgnore({ folderId: folder, text }, { signal }),
    placeholderData: keepPreviousData, gcTime: 10_000,
  });
}

/** Folders of this computer. Nobody tells when they change. */
export function useBrowse(path: string) {
  const api = useApi();
  return useQuery({ queryKey: folderKeys.browse(path), queryFn: ({ signal }) => api.folders.browse({ path }, { signal }), staleTime: 0, gcTime: 0, retry: false, placeholderData: keepPreviousData });
}
