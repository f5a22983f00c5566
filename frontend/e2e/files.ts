import { createHash } from "node:crypto";
import { deflateSync, gzipSync } from "node:zlib";
import type { Page } from "playwright-core";

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
