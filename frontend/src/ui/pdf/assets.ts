// What pdf.js needs beside its code: tables of Chinese, Japanese and Korean encodings, fonts that files may leave out, decoders of pictures.
// They come with the build, from the same origin; the policy of the page lets nothing else in.
const cMaps = import.meta.glob<string>("/node_modules/pdfjs-dist/cmaps/*.bcmap", { query: "?url", import: "default", eager: true });
const fonts = import.meta.glob<string>("/node_modules/pdfjs-dist/standard_fonts/*.{pfb,ttf}", { query: "?url", import: "default", eager: true });
const decoders = import.meta.glob<string>("/node_modules/pdfjs-dist/wasm/{jbig2,openjpeg,qcms_bg}.wasm", { query: "?url", import: "default", eager: true });

const byName = new Map([cMaps, fonts, decoders].flatMap((all) => Object.entries(all).map(([path, url]) => [path.slice(path.lastIndexOf("/") + 1), url] as const)));

/** Hands files to pdf.js by their names. */
export class Assets {
  async fetch({ kind, filename }: { kind: string; filename: string }): Promise<Uint8Array> {
    const url = byName.get(kind === "cMapUrl" && !filename.endsWith(".bcmap") ? `${filename}.bcmap` : filename);
    if (url === undefined) throw new Error(`pdf: no ${filename}`);
    const answer = await fetch(new URL(url, document.baseURI));
    if (!answer.ok) throw new Error(`pdf: ${filename}: ${answer.status}`);
    return new Uint8Array(await answer.arrayBuffer());
  }
}
