// Not a part of the kit's own list: who draws documents is loaded when one is opened.
export { openPdf, readText, type OpenPdf, type PageSize } from "./open";
export { PdfCover } from "./PdfCover";
export { PdfView, type PdfHandle } from "./PdfView";
export { useDocument, type PdfState } from "./useDocument";
