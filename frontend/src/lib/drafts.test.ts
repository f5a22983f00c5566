// @vitest-environment jsdom
import { afterEach, expect, it, vi } from "vitest";
import { readDraft, writeDraft } from "./drafts";

afterEach(() => {
  vi.restoreAllMocks();
  localStorage.clear();
});

it("keeps a draft per conversation", () => {
  writeDraft("spc_a", "明天见");
  writeDraft("spc_b", "see you");
  expect(readDraft("spc_a")).toBe("明天见");
  expect(readDraft("spc_b")).toBe("see you");
  writeDraft("spc_a", "");
  expect(readDraft("spc_a")).toBe("");
  expect(localStorage.length).toBe(1);
});

it("keeps a draft in memory when storage is full", () => {
  vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
    throw new DOMException("full", "QuotaExceededError");
  });
  writeDraft("spc_c", "还没发");
  expect(readDraft("spc_c")).toBe("还没发");
});
