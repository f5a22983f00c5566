// @vitest-environment jsdom
import { create } from "@bufbuild/protobuf";
import { cleanup, renderHook } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { ConversationKind, ConversationSchema } from "../../api";
import { useNamed } from "./useNamed";

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

const all = ["采购一部", "财务一部", "采购二部", "法务"].map((name) => create(ConversationSchema, { id: name, name, kind: ConversationKind.GROUP }));

it("looks in parts, keeps what was found till then, and gives up what is not wanted any more", async () => {
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => (now += 10)); // every name takes all the time there is
  const { result, rerender } = renderHook(({ query }) => useNamed(all, "Everyone", query), { initialProps: { query: "" } });
  await vi.waitFor(() => expect(result.current).toEqual({ best: [], isFresh: true }));
  rerender({ query: "cg" });
  expect(result.current.isFresh).toBe(false);
  const ids = () => result.current.best.map(({ id }) => id);
  await vi.waitFor(() => expect(result.current.isFresh).toBe(true));
  expect(ids()).toEqual(["采购一部", "采购二部"]);
  rerender({ query: "c" });
  rerender({ query: "fw" });
  expect([ids(), result.current.isFresh]).toEqual([["采购一部", "采购二部"], false]);
  await vi.waitFor(() => expect(result.current.isFresh).toBe(true));
  expect(ids()).toEqual(["法务"]);
});
