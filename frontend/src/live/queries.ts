import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { type Connection, type Settings, type StatusResponse } from "../api";
import { useApi } from "./context";

// Keys: [topic, …]. See invalidate.
export const keys = {
  status: ["system", "status"] as const,
  settings: ["settings"] as const,
  connections: ["connections"] as const,
  workspaces: ["people", "workspaces"] as const,
  members: (ws: string) => ["people", "members", ws] as const,
  nearby: ["nearby"] as const,
  join: ["join"] as const,
  requests: ["requests"] as const,
  invites: (ws: string) => ["invites", ws] as const,
  conversations: (ws: string) => ["chat", ws] as const,
  receipts: (conversation: string, message: string) => [`chat:${conversation}`, "receipts", message] as const,
  typing: (conversation: string) => [`typing:${conversation}`] as const,
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

export function useConnections() {
  const api = useApi();
  return useQuery({ queryKey: keys.connections, queryFn: ({ signal }) => api.system.connections({}, { signal }) });
}

/** Who is linked to this device right now. One source for the card, the dots and the directory, so that they agree. */
export function usePresence(): { people: ReadonlySet<string>; devices: ReadonlyMap<string, Connection> } {
  const { data } = useConnections();
  return useMemo(() => ({
    people: new Set(data?.connections.map((connection) => connection.personId)),
    devices: new Map(data?.connections.map((connection) => [connection.deviceId, connection])),
  }), [data]);
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

export function useMembers(ws: string) {
  const api = useApi();
  return useQuery({
    queryKey: keys.members(ws),
    queryFn: async ({ signal }) => (await api.people.members({ workspaceId: ws }, { signal })).members,
  });
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

export function useConversations(ws: string) {
  const api = useApi();
  return useQuery({
    queryKey: keys.conversations(ws),
    queryFn: async ({ signal }) => (await api.chat.conversations({ workspaceId: ws }, { signal })).conversations,
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

export function useTypingNames(conversation: string): string[] {
  const api = useApi();
  const { data } = useQuery({
    queryKey: keys.typing(conversation),
    queryFn: ({ signal }) => api.chat.typing({ conversationId: conversation }, { signal }),
  });
  return data?.personNames ?? [];
}
