import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { CallPhase, problemOf, type CallState } from "../api";
import { useApi, useTopic } from "./context";
import { pacer } from "./folders";

// "calls" is a topic and heads its keys. "call" speaks up to ten times a second while people talk: an answer that is on its way is never thrown
// away for the next one, so its key begins with "at", and it is asked again at a calm pace.
export const callKeys = {
  overview: (ws: string) => ["calls", ws] as const,
  state: (call: string) => ["at", "call", call] as const,
  notes: (conversation: string, call: string) => [`chat:${conversation}`, "notes", call] as const,
  noted: (ws: string) => ["chat", "noted", ws] as const,
};

const PULSE_MS = 90;

/** Of one workspace; of all when none is named. */
export function useCalls(ws: string) {
  const api = useApi();
  return useQuery({ queryKey: callKeys.overview(ws), queryFn: ({ signal }) => api.calls.overview({ workspaceId: ws }, { signal }) });
}

/** The call that this device is in; null when the program knows nothing of it any more. */
export function useCallState(call: string) {
  const api = useApi();
  const client = useQueryClient();
  const [pulse] = useState(() => pacer(PULSE_MS));
  const queryKey = callKeys.state(call);
  const again = () => {
    // What is over stays as it was.
    if (call !== "" && client.getQueryData<CallState | null>(queryKey)?.phase !== CallPhase.ENDED) pulse(() => client.invalidateQueries({ queryKey }, { cancelRefetch: false }));
  };
  useTopic("call", again);
  useTopic("calls", again);
  // Nobody listened while the page was somewhere else.
  useEffect(() => void client.invalidateQueries({ queryKey: callKeys.state(call) }), [client, call]);
  return useQuery({
    queryKey,
    enabled: call !== "",
    queryFn: async ({ signal }) => {
      try {
        return await api.calls.state({ callId: call }, { signal });
      } catch (cause) {
        if (problemOf(cause).code === "not_found") return null;
        throw cause;
      }
    },
  });
}

/** The notes of one meeting, in their order. */
export function useNotes(conversation: string, call: string) {
  const api = useApi();
  return useQuery({ queryKey: callKeys.notes(conversation, call), queryFn: async ({ signal }) => (await api.chat.notes({ conversationId: conversation, callId: call }, { signal })).notes });
}

/** How many notes there are of each meeting. */
export function useNoted(ws: string) {
  const api = useApi();
  return useQuery({ queryKey: callKeys.noted(ws), queryFn: async ({ signal }) => (await api.chat.noted({ workspaceId: ws }, { signal })).notes });
}

/** Deeds answer with what is so after them. */
export function useShowCallState() {
  const client = useQueryClient();
  return (state: CallState) => {
    if (state.call) client.setQueryData(callKeys.state(state.call.id), state);
  };
}
