import { useEffect, useState } from "react";
import type { Conversation } from "../../api";
import { useConversations } from "../../live";

/**
 * The conversation of an address. One that was just made may not be in the list yet, so the list is asked once more before
 * anybody is told that there is none: `isComing` until it has answered.
 */
export function useChosen(ws: string, chosen: string | undefined): { readonly conversation: Conversation | undefined; readonly isComing: boolean } {
  const { data, refetch } = useConversations(ws);
  const [inVain, setInVain] = useState<string>();
  const conversation = data?.find(({ id }) => id === chosen);
  const isComing = data !== undefined && chosen !== undefined && !conversation && inVain !== chosen;
  useEffect(() => {
    if (!isComing) return;
    let left = false;
    void refetch().then(() => {
      if (!left) setInVain(chosen);
    });
    return () => {
      left = true;
    };
  }, [isComing, chosen, refetch]);
  return { conversation, isComing };
}
