import { createHash } from "node:crypto";
import { deflateSync, gzipSync } from "node:zlib";
import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";

// Files that stories send, and what a page does while they come.

/** A picture made here: of one colour, or of noise, which no packing makes smaller. */
export function png(width: number, height: number, noisy = false): Buffer {
  const rows = noisy ? noise((width * 3 + 1) * height) : Buffer.alloc((width * 3 + 1) * height, 0x7f);
  for (let row = 0; row < height; row++) rows[row * (width * 3 + 1)] = 0;
  return packed(width, height, deflateSync(rows));
}

/** A few bytes that say they are a huge picture. */
export const bomb = (width: number, height: number): Buffer => packed(width, height, deflateSync(Buffer.alloc(1000)));

function packed(width: number, height: number, rows: Buffer): Buffer {
  const chunk = (kind: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(kind), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(crc(body), body.length + 4);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), chunk("IHDR", head), chunk("IDAT", rows), chunk("IEND", Buffer.alloc(0))]);
}

function crc(data: Buffer): number {
  let c = 0xffffffff;
  for (const byte of data) {
    c ^= byte;
    for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  }
  return (c ^ 0xffffffff) >>> 0;
}

export function noise(size: number): Buffer {
  const out = Buffer.alloc(size);
  let block = createHash("sha256").update(String(size)).digest();
  for (let at = 0; at < size; at += block.copy(out, at)) block = createHash("sha256").update(block).digest();
  return out;
}

/** Much that packs into little. */
export const gzipped = (beginning: string, size: number): Buffer => gzipSync(Buffer.concat([Buffer.from(beginning), Buffer.alloc(size)]));

/** Where a row of the list of messages stands, once the list is at its end and nothing has moved it for a second and a half. */
export async function rests(row: Locator): Promise<Box> {
  const log = row.page().getByRole("log");
  let last: Box | null = null;
  let since = Date.now();
  await expect.poll(async () => {
    const now = await row.boundingBox();
    const left = await log.evaluate((list) => Math.max(...[list, ...list.querySelectorAll("*")].map((one) => one.scrollHeight > one.clientHeight + 1 && getComputedStyle(one).overflowY === "auto" ? one.scrollHeight - one.clientHeight - one.scrollTop : 0)));
    if (left > 2 || JSON.stringify(now) !== JSON.stringify(last)) since = Date.now();
    last = now;
    return Date.now() - since;
  }, { interval: 100 }).toBeGreaterThan(1500);
  return last!;
}

type Box = Awaited<ReturnType<Locator["boundingBox"]>>;

/** Counts from now on what moves in the list of messages by itself; what a file says within its own place does not count. */
export async function watchShifts(page: Page, files: RegExp): Promise<() => Promise<number>> {
  await page.evaluate((names) => {
    const seen = { shifts: 0 };
    Object.assign(window, { seen });
    const isRow = (node: Node | null) => {
      const element = node instanceof Element ? node : node?.parentElement;
      return element?.closest("[role=log]") && !new RegExp(names).test(element.closest("ul")?.getAttribute("aria-label") ?? "");
    };
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number; sources: readonly { node: Node | null }[] })[]) {
        if (entry.sources.some(({ node }) => isRow(node))) seen.shifts += entry.value;
      }
    }).observe({ type: "layout-shift" });
  }, files.source);
  return () => page.evaluate(() => (window as unknown as { seen: { shifts: number } }).seen.shifts);
}

/** A second of a tone, as a sound file (RIFF WAVE, 8 kHz, 16 bits, one channel). */
export function tone(): Buffer {
  const rate = 8000;
  const out = Buffer.alloc(44 + rate * 2);
  out.write("RIFF", 0);
  out.writeUInt32LE(out.length - 8, 4);
  out.write("WAVEfmt ", 8);
  out.writeUInt32LE(16, 16);
  out.writeUInt16LE(1, 20);
  out.writeUInt16LE(1, 22);
  out.writeUInt32LE(rate, 24);
  out.writeUInt32LE(rate * 2, 28);
  out.writeUInt16LE(2, 32);
  out.writeUInt16LE(16, 34);
  out.write("data", 36);
  out.writeUInt32LE(rate * 2, 40);
  for (let i = 0; i < rate; i++) out.writeInt16LE(Math.round(8000 * Math.sin((i * 440 * 2 * Math.PI) / rate)), 44 + i * 2);
  return out;
}

/** A document of so many pages, each with its number on it. */
export function pdf(pages: number): Buffer {
  const objects = ["<< /Type /Catalog /Pages 2 0 R >>", `<< /Type /Pages /Count ${pages} /Kids [${Array.from({ length: pages }, (_, i) => `${4 + i * 2} 0 R`).join(" ")}] >>`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"];
  for (let i = 0; i < pages; i++) {
    const drawn = `BT /F1 40 Tf 72 700 Td (Page ${i + 1}) Tj ET`;
    objects.push(`<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents ${5 + i * 2} 0 R >>`);
    objects.push(`<< /Length ${drawn.length} >>\nstream\n${drawn}\nendstream`);
  }
  let out = "%PDF-1.4\n";
  const at = objects.map((object, i) => {
    const offset = out.length;
    out += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = out.length;
  out += `xref\n0 ${at.length + 1}\n0000000000 65535 f \n${at.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("")}`;
  return Buffer.from(`${out}trailer\n<< /Size ${at.length + 1} /Root 1 0 R >>\nstartxref\n${table}\n%%EOF\n`, "latin1");
}

/** A short film, as a page records it from what it draws (WebM). */
export async function film(page: Page): Promise<Buffer> {
  const bytes = await page.evaluate(async () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 180 });
    const brush = canvas.getContext("2d")!;
    const recorder = new MediaRecorder(canvas.captureStream(20), { mimeType: "video/webm;codecs=vp8" });
    const parts: Blob[] = [];
    recorder.ondataavailable = ({ data }) => parts.push(data);
    const over = new Promise((done) => (recorder.onstop = done));
    recorder.start();
    for (let i = 0; i < 20; i++) {
      brush.fillStyle = `hsl(${i * 18} 80% 50%)`;
      brush.fillRect(0, 0, 320, 180);
      await new Promise((done) => setTimeout(done, 50));
    }
    recorder.stop();
    await over;
    return [...new Uint8Array(await new Blob(parts).arrayBuffer())];
  });
  return Buffer.from(bytes);
}
