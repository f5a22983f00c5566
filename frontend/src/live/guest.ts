import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { GuestState } from "../api";
import { useApi } from "./context";

const key = ["guest"] as const;

/** How far this device has come as a guest of a meeting. */
export function useGuest() {
  const api = useApi();
  return useQuery({
    queryKey: key,
    queryFn: ({ signal }) => api.guest.state({}, { signal }),
    // That a meeting begins is heard without a word of it here.
    refetchInterval: 2_000,
  });
}

/** Entering and leaving change everything that the screen knows. */
export function useShowGuest() {
  const client = useQueryClient();
  return (state?: GuestState) => {
    if (state) client.setQueryData(key, state);
    void client.invalidateQueries();
  };
}

/** Links for guests of a call, or of a planned meeting. */
export interface GuestsOf {
  readonly callId: string;
  readonly plannedId: string;
}

export function useGuestLinks(of: GuestsOf) {
  const api = useApi();
  return useQuery({ queryKey: ["invites", "guests", of.callId, of.plannedId], queryFn: ({ signal }) => api.calls.guestLinks({ ...of }, { signal }) });
}
