import { useMedia } from "../../lib/media";

/** Room for the side column beside a document. */
export function useWide(): boolean {
  return useMedia("(min-width: 1180px)");
}
