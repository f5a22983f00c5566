import { useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { RelayState, type Api, type HostedRelayResponse, type RelaysResponse, type Settings, type StatusResponse } from "../api";
import { useApi } from "./context";

// Keys: [topic, …]. See invalidate.
export const keys = {
  status: ["system", "status"] as const,
  settings: ["settings"] as const,
  connections: ["connections"] as const,
  workspaces: ["people", "workspaces"] as const,
  nearby: ["nearby"] as const,
  join: ["join"] as const,
  requests: ["requests"] as const,
  invites: (ws: string) => ["invites", ws] as const,
  receipts: (conversation: string, message: string) => [`chat:${conversation}`, "receipts", message] as const,
  typing: (conversation: string, thread: string) => [`typing:${conversation}`, thread] as const,
  relays: (ws: string) => ["relays", "of", ws] as const,
  hostedRelay: ["relays", "hosted"] as const,
};

export function useStatus() {
  const api = useApi();
  return useQuery({ queryKey: keys.status, queryFn: ({ signal }) => api.system.status({}, { signal }) });
}

export function useSetStatus() {
  const client = useQueryClient();
  return (status: StatusResponse | undefined) => {
    if (status) client.setQueryData(keys.status, status);
    void client.invalidateQueries();
  };
}

export function useSettings() {
  const api = useApi();
  return useQuery({ queryKey: keys.settings, queryFn: ({ signal }) => api.settings.get({}, { signal }) });
}

export function useShowSettings() {
  const client = useQueryClient();
  return (settings: Settings) => client.setQueryData(keys.settings, settings);
}

export function connectionsQuery(api: Api) {
  return { queryKey: keys.connections, queryFn: ({ signal }: { signal: AbortSignal }) => api.system.connections({}, { signal }) };
}

export function useConnections() {
  return useQuery(connectionsQuery(useApi()));
}

export function useWorkspaces(enabled = true) {
  const api = useApi();
  return useQuery({
    queryKey: keys.workspaces,
    queryFn: async ({ signal }) => (await api.people.workspaces({}, { signal })).workspaces,
    enabled,
  });
}

export function useWorkspace(ws: string) {
  return useWorkspaces().data?.find((workspace) => workspace.id === ws);
}

export function useNearby() {
  const api = useApi();
  return useQuery({
    queryKey: keys.nearby,
    queryFn: async ({ signal }) => (await api.people.nearby({}, { signal })).workspaces,
    // Discovery tells of changes; the slow round catches what a sleeping network swallowed.
    refetchInterval: 5_000,
  });
}

export function useCurrentJoin() {
  const api = useApi();
  return useQuery({ queryKey: keys.join, queryFn: ({ signal }) => api.people.currentJoin({}, { signal }) });
}

export function useRequests(enabled: boolean) {
  const api = useApi();
  return useQuery({
    queryKey: keys.requests,
    queryFn: async ({ signal }) => (await api.people.requests({}, { signal })).requests,
    enabled,
  });
}

export function useInvites(ws: string) {
  const api = useApi();
  return useQuery({
    queryKey: keys.invites(ws),
    queryFn: async ({ signal }) => (await api.people.invites({ workspaceId: ws }, { signal })).invites,
  });
}

export function useReceipts(conversation: string, message: string) {
  const api = useApi();
  return useQuery({
    queryKey: keys.receipts(conversation, message),
    queryFn: async ({ signal }) =>
      (await api.chat.receipts({ conversationId: conversation, messageId: message }, { signal })).receipts,
  });
}

/** Who types in a conversation, or, with a thread, in that thread alone. */
export function useTyping(conversation: string, thread = ""): { readonly personId: string; readonly name: string }[] {
  const api = useApi();
  const { data } = useQuery({
    queryKey: keys.typing(conversation, thread),
    queryFn: ({ signal }) => api.chat.typing({ conversationId: conversation, threadId: thread }, { signal }),
  });
  return data?.personNames.map((name, index) => ({ personId: data.personIds[index] ?? "", name })) ?? [];
}

function relaysQuery(api: Api, ws: string) {
  return { queryKey: keys.relays(ws), queryFn: ({ signal }: { signal: AbortSignal }) => api.relay.relays({ workspaceId: ws }, { signal }) };
}

export function useRelays(ws: string) {
  return useQuery(relaysQuery(useApi(), ws));
}

export function useShowRelays(ws: string) {
  const client = useQueryClient();
  return (relays: RelaysResponse) => client.setQueryData(keys.relays(ws), relays);
}

/**
 * Which relay a relayed link runs through: the links do not say it, so it is certain only while this device is
 * connected to no more than one. Otherwise "".
 */
export function useRelayOfLinks(): string {
  const api = useApi();
  const workspaces = useWorkspaces().data ?? [];
  return useQueries({
    queries: workspaces.map(({ id }) => relaysQuery(api, id)),
    combine: (answers) => {
      const connected = answers.flatMap(({ data }) => data?.relays ?? []).filter(({ state }) => state === RelayState.CONNECTED);
      const hosts = new Set(connected.map(({ host }) => host));
      return hosts.size === 1 ? [...hosts][0]! : "";
    },
  });
}

export function useHostedRelay() {
  const api = useApi();
  return useQuery({
    queryKey: keys.hostedRelay,
    queryFn: ({ signal }) => api.relay.hostedRelay({}, { signal }),
    // Devices come and bytes gather without a word of it; only the page that shows them asks.
    refetchInterval: ({ state }) => (state.data?.running ? 5_000 : false),
  });
}

export function useShowHostedRelay() {
  const client = useQueryClient();
  return (hosted: HostedRelayResponse) => client.setQueryData(keys.hostedRelay, hosted);
}
