import { useEffect, useState } from "react";
import { openPdf, PdfProblem, type OpenPdf } from "./open";

export type PdfState =
  | { readonly state: "loading" }
  | { readonly state: "ready"; readonly pdf: OpenPdf }
  | { readonly state: "absent" | "damaged" };

const LOADING: PdfState = { state: "loading" };

/** A document of the program. `version` says when its bytes are others; the one before stays on screen until the next is there. */
export function useDocument(fetch: typeof globalThis.fetch, path: string, version: string): PdfState {
  const [shown, setShown] = useState<{ path: string; state: PdfState }>({ path: "", state: LOADING });
  useEffect(() => {
    if (path === "") return;
    const abort = new AbortController();
    openPdf(fetch, path, abort.signal).then(
      (pdf) => setShown({ path, state: { state: "ready", pdf } }),
      (cause: unknown) => {
        if (!abort.signal.aborted) setShown({ path, state: { state: cause instanceof PdfProblem ? cause.kind : "absent" } });
      },
    );
    return () => abort.abort();
  }, [path, version, fetch]);
  return shown.path === path ? shown.state : LOADING;
}
