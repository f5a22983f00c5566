import { expect, it } from "vitest";
import { within } from "../../../lib/time";
import { elapsed, notesText } from "./text";

it("says a time within a meeting in full", () => {
  expect([0, 751_000, 3_723_999, 360_000_000].map(within)).toEqual(["00:00:00", "00:12:31", "01:02:03", "100:00:00"]);
});

it("counts from the start, or from when one came in where the starter's clock runs ahead", () => {
  const call = { startedUnixMs: 1_000_000n };
  expect(elapsed(call, 1_060_000n, 1_100_000)).toBe(100_000);
  expect(elapsed(call, undefined, 1_100_000)).toBe(100_000);
  expect(elapsed(call, 400_000n, 500_000)).toBe(100_000);
  expect(elapsed(call, undefined, 500_000)).toBe(0);
  expect(elapsed(call, undefined, 9e12)).toBe(7 * 86_400_000);
});

it("gives all notes as text, in their order", () => {
  const note = (text: string, personName: string, at: number) => ({ text, personName, note: { $typeName: "roundtable.v1.MessageNote" as const, callId: "call_x", atMs: BigInt(at) } });
  expect(notesText("周例会", "2026年11月27日 14:30", [note("预算先批一半", "李卓然", 751_000), note("两行\n任务", "Anna", 3_600_000)])).toBe(
    "周例会 · 2026年11月27日 14:30\n\n00:12:31 李卓然: 预算先批一半\n01:00:00 Anna: 两行\n         任务\n",
  );
});
