import { useMedia } from "../../lib/media";

/** Room for the context column beside the conversation. */
export function useWide(): boolean {
  return useMedia("(min-width: 1180px)");
}
