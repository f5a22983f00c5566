import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Contract, ContractBox, SigningKeysResponse, WorkspaceAuthority } from "../api";
import { useEffect } from "react";
import { useApi } from "./context";

// "contracts" speaks when a row of a list may look different, "contract:<id>" when anything in one did.
export const contractKeys = {
  list: (ws: string, box: ContractBox, query: string, tag: string) => ["contracts", ws, box, query, tag] as const,
  unindexed: (ws: string) => ["contracts", "unindexed", ws] as const,
  draft: (draft: string) => ["draft", draft] as const,
  contract: (id: string) => [`contract:${id}`] as const,
  templates: (language: string) => ["contract_templates", language] as const,
  keys: (ws: string) => ["signing_keys", ws] as const,
  time: ["signing_keys", "time"] as const,
  authority: (ws: string) => [`authority:${ws}`] as const,
  seals: (ws: string) => [`seals:${ws}`] as const,
  ledger: (ws: string, seal: string) => [`seals:${ws}`, "ledger", seal] as const,
};

export interface ContractsFilter {
  readonly box: ContractBox;
  readonly query: string;
  readonly tag: string;
}

export function useContracts(ws: string, { box, query, tag }: ContractsFilter) {
  const api = useApi();
  const answer = useQuery({
    queryKey: contractKeys.list(ws, box, query, tag),
    queryFn: ({ signal }) => api.contracts.listContracts({ workspaceId: ws, box, query, tag }, { signal }),
    // Another box, or another letter of a query: what was shown stays until the answer is there.
    placeholderData: keepPreviousData,
  });
  useAskedAt(answer.data?.rows.map((row) => row.deadlineUnixMs) ?? NEVER, answer.refetch);
  return answer;
}

/** How many contracts wait for this person. */
export function useContractsToDo(ws: string): number {
  const api = useApi();
  const { data } = useQuery({
    queryKey: contractKeys.list(ws, 0, "", ""),
    queryFn: ({ signal }) => api.contracts.listContracts({ workspaceId: ws }, { signal }),
  });
  return data?.mineToDo ?? 0;
}

export function useContract(id: string) {
  const api = useApi();
  const answer = useQuery({ queryKey: contractKeys.contract(id), queryFn: ({ signal }) => api.contracts.readContract({ contractId: id }, { signal }), enabled: id !== "" });
  useAskedAt(answer.data ? [answer.data.deadlineUnixMs] : NEVER, answer.refetch);
  return answer;
}

const NEVER: readonly bigint[] = [];
/** A timer of browsers holds no longer time. */
const LONGEST_MS = 2 ** 31 - 1;

/** Asks again once a deadline has passed: nobody says anything then, and what can be done is another thing all the same. */
function useAskedAt(deadlines: readonly bigint[], ask: () => unknown): void {
  const now = Date.now();
  const next = Math.min(...deadlines.map(Number).filter((at) => at > now));
  useEffect(() => {
    const wait = next - Date.now() + 50;
    if (!(wait < LONGEST_MS)) return;
    const timer = setTimeout(() => void ask(), Math.max(0, wait));
    return () => clearTimeout(timer);
  }, [next, ask]);
}

/** Deeds answer with the contract as it is after them. */
export function useShowContract() {
  const client = useQueryClient();
  return (contract: Contract) => {
    client.setQueryData(contractKeys.contract(contract.id), contract);
    void client.invalidateQueries({ queryKey: ["contracts"] });
  };
}

/** A draft is written here alone: it is read once, and what is typed is the truth from then on. */
export function useDraftRead(id: string) {
  const api = useApi();
  return useQuery({ queryKey: contractKeys.draft(id), queryFn: ({ signal }) => api.contracts.readDraft({ draftId: id }, { signal }), gcTime: 0, staleTime: 0 });
}

/** After a draft was made, sent or deleted. */
export function useRefreshContracts() {
  const client = useQueryClient();
  return () => void client.invalidateQueries({ queryKey: ["contracts"] });
}

export function useTemplates(language: string) {
  const api = useApi();
  return useQuery({ queryKey: contractKeys.templates(language), queryFn: ({ signal }) => api.contracts.templates({ language }, { signal }) });
}

export function useSigningKeys(ws: string) {
  const api = useApi();
  return useQuery({ queryKey: contractKeys.keys(ws), queryFn: ({ signal }) => api.keys.signingKeys({ workspaceId: ws }, { signal }) });
}

export function useShowSigningKeys(ws: string) {
  const client = useQueryClient();
  return (answer?: SigningKeysResponse) => {
    if (answer) client.setQueryData(contractKeys.keys(ws), answer);
    else void client.invalidateQueries({ queryKey: ["signing_keys"] });
  };
}

export function useTimeAuthority() {
  const api = useApi();
  return useQuery({ queryKey: contractKeys.time, queryFn: ({ signal }) => api.keys.timeAuthority({}, { signal }) });
}

export function useAuthority(ws: string) {
  const api = useApi();
  return useQuery({ queryKey: contractKeys.authority(ws), queryFn: ({ signal }) => api.authority.authority({ workspaceId: ws }, { signal }) });
}

export function useShowAuthority(ws: string) {
  const client = useQueryClient();
  return (authority: WorkspaceAuthority) => {
    client.setQueryData(contractKeys.authority(ws), authority);
    void client.invalidateQueries({ queryKey: ["signing_keys"] });
  };
}

export function useSeals(ws: string) {
  const api = useApi();
  return useQuery({ queryKey: contractKeys.seals(ws), queryFn: ({ signal }) => api.seals.seals({ workspaceId: ws }, { signal }) });
}

/** Deeds answer with one seal; the list is asked again. */
export function useRefreshSeals(ws: string) {
  const client = useQueryClient();
  return () => {
    void client.invalidateQueries({ queryKey: contractKeys.seals(ws) });
    void client.invalidateQueries({ queryKey: ["signing_keys"] });
  };
}

export function useSealLedger(ws: string, seal: string, enabled: boolean) {
  const api = useApi();
  return useQuery({ queryKey: contractKeys.ledger(ws, seal), queryFn: ({ signal }) => api.seals.sealLedger({ workspaceId: ws, sealId: seal }, { signal }), enabled });
}
