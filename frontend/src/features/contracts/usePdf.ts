import { useRuntime } from "../../live";
import { useDocument, type PdfState } from "../../ui/pdf";

/** A document of the program; see useDocument. */
export function usePdf(path: string, version: string): PdfState {
  return useDocument(useRuntime().fetch, path, version);
}
