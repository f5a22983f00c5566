import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { PersonRow, PeopleResponse, Whom } from "../api";
import { useApi } from "./context";

/** People come in pages of so many; only pages that are looked at are asked for. */
export const PAGE = 100;

export interface Listed {
  readonly department: string;
  readonly whom: Whom;
  readonly query: string;
}

export const directoryKeys = {
  tree: (ws: string, parent: string) => ["directory", "tree", ws, parent] as const,
  page: (ws: string, { department, whom, query }: Listed, page: number) => ["directory", "people", ws, department, whom, query, page] as const,
  some: (ws: string, keys: readonly string[]) => ["directory", "some", ws, ...keys] as const,
  card: (ws: string, key: string) => ["directory", "card", ws, key] as const,
};

/** The departments directly below one ("" for the top). */
export function useTree(ws: string, parent: string, enabled = true) {
  const api = useApi();
  return useQuery({
    queryKey: directoryKeys.tree(ws, parent), enabled,
    queryFn: ({ signal }) => api.directory.tree({ workspaceId: ws, parentId: parent }, { signal }),
  });
}

export function usePeoplePage(ws: string, listed: Listed, page: number) {
  const api = useApi();
  return useQuery<PeopleResponse>({
    queryKey: directoryKeys.page(ws, listed, page),
    queryFn: ({ signal }) => api.directory.people({
      workspaceId: ws, departmentId: listed.department, whom: listed.whom, query: listed.query, offset: page * PAGE, limit: PAGE,
    }, { signal }),
  });
}

export function useSomePeople(ws: string, keys: readonly string[]): readonly PersonRow[] {
  const api = useApi();
  const { data, isPlaceholderData } = useQuery({
    queryKey: directoryKeys.some(ws, keys), enabled: keys.length > 0,
    queryFn: ({ signal }) => api.directory.some({ workspaceId: ws, keys: [...keys] }, { signal }),
    // One more or one less: the others stand where they stood until the answer has come.
    placeholderData: keepPreviousData,
  });
  const rows = keys.length > 0 ? (data?.rows ?? []) : [];
  return isPlaceholderData ? rows.filter(({ key }) => keys.includes(key)) : rows;
}

export function useCard(ws: string, key: string | undefined) {
  const api = useApi();
  return useQuery({
    queryKey: directoryKeys.card(ws, key ?? ""), enabled: key !== undefined,
    queryFn: ({ signal }) => api.directory.person({ workspaceId: ws, key: key! }, { signal }),
  });
}
