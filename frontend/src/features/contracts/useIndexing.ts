import { useEffect } from "react";
import { useApi, useRuntime, useTopic } from "../../live";
import { openPdf, readText } from "../../ui/pdf";

let busy = false;
let wanted = false;

/** While contracts are on screen, the text of documents that the search does not know yet is read, one document after the other. */
export function useIndexing(ws: string): void {
  const api = useApi();
  const runtime = useRuntime();
  const run = () => {
    if (busy) {
      wanted = true;
      return;
    }
    busy = true;
    const read = async () => {
      const { contractIds } = await api.contracts.unindexedContracts({ workspaceId: ws });
      for (const contractId of contractIds.slice(0, 50)) {
        const abort = new AbortController();
        try {
          const { currentSha256: sha256 } = await api.contracts.readContract({ contractId });
          const pages = await readText(await openPdf(runtime.fetch, `/documents/contracts/${contractId}`, abort.signal));
          await api.contracts.indexContract({ contractId, sha256, pages });
        } catch {
          // It is not here yet, or cannot be read; the next change asks again.
        } finally {
          abort.abort();
        }
      }
    };
    void read().catch(() => {}).finally(() => {
      busy = false;
      const again = wanted;
      wanted = false;
      // A document that cannot be indexed is asked for at every change and not without end.
      if (again) setTimeout(run, 2_000);
    });
  };
  useTopic("contracts", run);
  useEffect(() => {
    // After what one looks at.
    const timer = setTimeout(run, 1_500);
    return () => clearTimeout(timer);
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [ws]);
}
