import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { ScheduledState, type DingBox } from "../api";
import { useApi } from "./context";

const keys = {
  waiting: ["ding", "waiting"] as const,
  box: (ws: string, box: DingBox) => ["ding", "box", ws, box] as const,
  one: (id: string) => ["ding", "one", id] as const,
  marks: (conversation: string) => ["ding", "marks", conversation] as const,
  rules: (ws: string) => ["ding", "rules", ws] as const,
  scheduled: (conversation: string) => ["scheduled", "of", conversation] as const,
  asking: (ws: string) => ["scheduled", "asking", ws] as const,
};

/** Urgent notices that wait for this person, in every workspace. */
export function useWaitingDings() {
  const api = useApi();
  return useQuery({ queryKey: keys.waiting, queryFn: async ({ signal }) => (await api.ding.waiting({}, { signal })).dings });
}

export function useDings(ws: string, box: DingBox) {
  const api = useApi();
  return useQuery({ queryKey: keys.box(ws, box), queryFn: async ({ signal }) => (await api.ding.dings({ workspaceId: ws, box }, { signal })).dings });
}

export function useDing(id: string) {
  const api = useApi();
  return useQuery({ queryKey: keys.one(id), queryFn: ({ signal }) => api.ding.show({ id }, { signal }), enabled: id !== "" });
}

/** Which messages of a conversation were put before people. */
export function useDingMarks(conversation: string) {
  const api = useApi();
  return useQuery({ queryKey: keys.marks(conversation), queryFn: async ({ signal }) => (await api.ding.marks({ conversationId: conversation }, { signal })).marks });
}

export function useDingRules(ws: string) {
  const api = useApi();
  return useQuery({ queryKey: keys.rules(ws), queryFn: ({ signal }) => api.ding.rules({ workspaceId: ws }, { signal }) });
}

/** Messages of a conversation that wait for their time. */
export function useScheduled(conversation: string) {
  const api = useApi();
  return useQuery({ queryKey: keys.scheduled(conversation), queryFn: async ({ signal }) => (await api.scheduled.list({ conversationId: conversation }, { signal })).scheduled });
}

/** Scheduled messages of a workspace that wait for a word of this person. */
export function useAsking(ws: string) {
  const api = useApi();
  return useQuery({ queryKey: keys.asking(ws), queryFn: async ({ signal }) => (await api.scheduled.asking({ workspaceId: ws }, { signal })).scheduled });
}

/** Conversations with a scheduled message that was not sent and wants a word. */
export function useAsksFor(ws: string): ReadonlySet<string> {
  const all = useAsking(ws).data;
  return useMemo(() => new Set(all?.filter(({ state }) => state !== ScheduledState.SENT_LATE).map(({ conversationId }) => conversationId)), [all]);
}

/** Asks again for what a deed of this screen has changed. */
export function useNoticesChanged() {
  const client = useQueryClient();
  return (topic: "ding" | "scheduled") => void client.invalidateQueries({ queryKey: [topic] });
}
