import type { Attachment } from "../../../api";
import { useRuntime } from "../../../live";
import { PdfView, useDocument } from "../../../ui/pdf";

/** A PDF. What draws it is loaded with this file. */
export default function DocumentView({ file }: { file: Attachment }) {
  return <PdfView state={useDocument(useRuntime().fetch, file.path, "")} label={file.name} />;
}
