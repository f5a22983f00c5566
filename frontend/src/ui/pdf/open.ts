import type { PDFDocumentLoadingTask, PDFDocumentProxy } from "pdfjs-dist/legacy/build/pdf.mjs";
import workerUrl from "pdfjs-dist/legacy/build/pdf.worker.min.mjs?url";
import { Assets } from "./assets";

/** Points, as the page is shown. */
export interface PageSize {
  readonly width: number;
  readonly height: number;
}

export interface OpenPdf {
  readonly doc: PDFDocumentProxy;
  readonly sizes: readonly PageSize[];
}

/** "absent": its bytes are not here. "damaged": they are no PDF that can be read. */
export class PdfProblem extends Error {
  constructor(readonly kind: "absent" | "damaged") {
    super(kind);
  }
}

const PART = 256 * 1024;
/** A picture in a page may not take all memory. */
const MOST_PIXELS = 64_000_000;

let code: Promise<typeof import("pdfjs-dist/legacy/build/pdf.mjs")> | undefined;

export function loadPdfCode() {
  return (code ??= import("pdfjs-dist/legacy/build/pdf.mjs").then((pdf) => {
    pdf.GlobalWorkerOptions.workerSrc = new URL(workerUrl, document.baseURI).href;
    return pdf;
  }));
}

interface Beginning {
  readonly bytes: Uint8Array;
  /** 0: these are all. */
  readonly total: number;
}

async function begin(fetch: typeof globalThis.fetch, path: string, signal: AbortSignal): Promise<Beginning> {
  const answer = await fetch(path, { headers: { Range: `bytes=0-${PART - 1}` }, signal });
  if (!answer.ok) throw new PdfProblem("absent");
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const total = Number(/\/(\d+)$/.exec(answer.headers.get("Content-Range") ?? "")?.[1] ?? 0);
  return { bytes, total: answer.status === 206 && total > bytes.length ? total : 0 };
}

/** Opens a document piece by piece: a long one shows its first page before the rest is read. Throws PdfProblem. */
export async function openPdf(fetch: typeof globalThis.fetch, path: string, signal: AbortSignal): Promise<OpenPdf> {
  const [pdf, { bytes, total }] = await Promise.all([loadPdfCode(), begin(fetch, path, signal)]);
  signal.throwIfAborted();
  let task: PDFDocumentLoadingTask | undefined;
  class Source extends pdf.PDFDataRangeTransport {
    override requestDataRange(from: number, to: number): void {
      fetch(path, { headers: { Range: `bytes=${from}-${to - 1}` }, signal })
        .then(async (answer) => {
          if (answer.status !== 206) throw new PdfProblem("absent");
          this.onDataRange(from, new Uint8Array(await answer.arrayBuffer()));
        })
        // What is missing would be waited for without end.
        .catch(() => void task?.destroy());
    }
  }
  task = pdf.getDocument({
    ...(total > 0 ? { range: new Source(total, bytes), disableStream: true, disableAutoFetch: true, rangeChunkSize: PART } : { data: bytes }),
    BinaryDataFactory: Assets, useWorkerFetch: false, maxImageSize: MOST_PIXELS, enableXfa: false, verbosity: 0,
  });
  signal.addEventListener("abort", () => void task?.destroy());
  try {
    const doc = await task.promise;
    const first = await sizeOf(doc, 1);
    const sizes = [first];
    // Every page by itself: a document may have pages of many sizes. Beyond this many the first speaks for all.
    for (let page = 2; page <= doc.numPages; page++) sizes.push(page <= 400 ? await sizeOf(doc, page) : first);
    return { doc, sizes };
  } catch (cause) {
    signal.throwIfAborted();
    void task.destroy();
    throw cause instanceof PdfProblem ? cause : new PdfProblem("damaged");
  }
}

async function sizeOf(doc: PDFDocumentProxy, number: number): Promise<PageSize> {
  const { width, height } = (await doc.getPage(number)).getViewport({ scale: 1 });
  return { width, height };
}

/** The text of every page, for the search. */
export async function readText({ doc }: OpenPdf): Promise<string[]> {
  const pages: string[] = [];
  for (let number = 1; number <= doc.numPages; number++) {
    const { items } = await (await doc.getPage(number)).getTextContent();
    pages.push(items.map((item) => ("str" in item ? item.str + (item.hasEOL ? "\n" : "") : "")).join(""));
  }
  return pages;
}
