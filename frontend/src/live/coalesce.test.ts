import { expect, it } from "vitest";
import { coalesce } from "./coalesce";

it("hands a burst over once, without repeats", () => {
  const runs: (() => void)[] = [];
  const seen: string[][] = [];
  const push = coalesce((topics) => seen.push([...topics].sort()), (run) => runs.push(run));
  push(["chat", "chat:spc_a"]);
  push(["chat"]);
  push([]);
  push(["people"]);
  expect(seen).toEqual([]);
  expect(runs).toHaveLength(1);
  runs.shift()!();
  expect(seen).toEqual([["chat", "chat:spc_a", "people"]]);
});

it("starts anew after a delivery, also from within one", () => {
  const runs: (() => void)[] = [];
  const seen: string[][] = [];
  const push = coalesce((topics) => {
    seen.push([...topics]);
    if (seen.length === 1) push(["chat"]);
  }, (run) => runs.push(run));
  push(["people"]);
  runs.shift()!();
  runs.shift()!();
  expect(seen).toEqual([["people"], ["chat"]]);
});
