import { useQuery } from "@tanstack/react-query";
import type { Conversation } from "../api";
import { useApi } from "./context";

/** Where the picture of a group can be shown from; undefined without one. The same picture is asked for once. */
export function usePictureOf(conversation: Pick<Conversation, "id" | "picture"> | undefined): string | undefined {
  const api = useApi();
  const mark = conversation?.picture ?? "";
  const { data } = useQuery({
    // Its name changes with its bytes, so no topic has to be followed.
    queryKey: ["picture", conversation?.id, mark],
    queryFn: async ({ signal }) => {
      const { picture, mediaType } = await api.conversations.picture({ conversationId: conversation!.id }, { signal });
      return URL.createObjectURL(new Blob([new Uint8Array(picture)], { type: mediaType }));
    },
    enabled: mark !== "",
    staleTime: Infinity,
    // The address stands for as long as the page does.
    gcTime: Infinity,
  });
  return mark === "" ? undefined : data;
}

/** Who is in a group, with roles. */
export function useGroupMembers(conversation: string, enabled = true) {
  const api = useApi();
  return useQuery({
    queryKey: [`chat:${conversation}`, "members"],
    queryFn: async ({ signal }) => (await api.conversations.groupMembers({ conversationId: conversation }, { signal })).members,
    enabled,
  });
}
