import { expect, it } from "vitest";
import { decodeText, readStart } from "./text";

const utf8 = (text: string) => new TextEncoder().encode(text);

it("reads UTF-8, also when it is cut in the middle of a character", () => {
  expect(decodeText(utf8("采购清单"))).toBe("采购清单");
  expect(decodeText(utf8("采购清单").subarray(0, 10))).toBe("采购清");
});

it("reads what Windows wrote in Chinese, and UTF-16", () => {
  expect(decodeText(Uint8Array.of(0xb2, 0xc9, 0xb9, 0xba))).toBe("采购");
  expect(decodeText(Uint8Array.of(0xff, 0xfe, 0xc7, 0x91))).toBe("采");
});

it("knows what is no text", () => expect(decodeText(Uint8Array.of(0x50, 0x4b, 0, 3))).toBeNull());

it("reads no more than it was asked", async () => {
  const { bytes, cut } = await readStart(new Response("x".repeat(100)), 10);
  expect([bytes.length, cut]).toEqual([10, true]);
  expect((await readStart(new Response("abc"), 10)).cut).toBe(false);
});
