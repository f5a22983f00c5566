import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { DeliveryState, MessageSchema } from "../../api";
import { append, frontFirst, fromPage, movedInFront, overlay, prepend, START, update } from "./window";

const message = (n: number, state = DeliveryState.WAITING) => create(MessageSchema, { id: `evt_${n}`, cursor: `c${n}`, state });
const page = (from: number, to: number, more: { before?: boolean; after?: boolean; state?: DeliveryState } = {}) => ({
  messages: Array.from({ length: to - from }, (_, index) => message(from + index, more.state)),
  hasBefore: more.before ?? from > 0, hasAfter: more.after ?? false, historyIncomplete: false,
});
const ids = (stretch: { messages: readonly { id: string }[] }) => stretch.messages.map((each) => Number(each.id.slice(4)));
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

it("grows in front and behind without doubles", () => {
  let stretch = fromPage(page(10, 20, { after: true }));
  stretch = prepend(stretch, page(5, 11));
  expect(ids(stretch)).toEqual(range(5, 20));
  stretch = append(stretch, page(19, 25));
  expect(ids(stretch)).toEqual(range(5, 25));
  expect(stretch.hasBefore).toBe(true);
  expect(stretch.hasAfter).toBe(false);
});

it("takes the newest page as the truth from its first message on", () => {
  const stretch = fromPage(page(0, 10));
  const newest = overlay(stretch, page(6, 12, { state: DeliveryState.READ }))!;
  expect(ids(newest)).toEqual(range(0, 12));
  expect(newest.messages[5]!.state).toBe(DeliveryState.WAITING);
  expect(newest.messages[6]!.state).toBe(DeliveryState.READ);
  expect(newest.hasBefore).toBe(false);
});

it("shows a message that arrived late between others", () => {
  const stretch = fromPage({ ...page(0, 0), messages: [message(1), message(3)] });
  const newest = overlay(stretch, { ...page(0, 0), messages: [message(1), message(2), message(3)] })!;
  expect(ids(newest)).toEqual([1, 2, 3]);
});

it("learns that history arrived before its beginning", () => {
  const stretch = fromPage({ ...page(5, 8), hasBefore: false });
  const newest = overlay(stretch, { ...page(2, 8), hasBefore: true })!;
  expect(ids(newest)).toEqual(range(2, 8));
  expect(newest.hasBefore).toBe(true);
});

it("leaves the page's surplus in front for scrolling", () => {
  const stretch = fromPage(page(20, 30));
  const newest = overlay(stretch, page(10, 31))!;
  expect(ids(newest)).toEqual(range(20, 31));
  expect(newest.hasBefore).toBe(true);
});

it("grows at one end at a time", () => {
  const before = fromPage({ ...page(5, 8), hasBefore: false });
  const after = overlay(before, page(2, 10))!;
  expect(ids(after)).toEqual(range(2, 10));
  expect(ids(frontFirst(before, after)!)).toEqual(range(2, 8));
  expect(frontFirst(before, overlay(before, page(5, 10))!)).toBeNull();
});

it("says so when the newest page does not touch what is loaded", () => {
  expect(overlay(fromPage(page(0, 10)), page(100, 150))).toBeNull();
});

it("updates states away from the end and keeps its extent", () => {
  const stretch = update(fromPage(page(0, 4)), page(2, 9, { state: DeliveryState.DELIVERED }));
  expect(ids(stretch)).toEqual(range(0, 4));
  expect(stretch.messages[3]!.state).toBe(DeliveryState.DELIVERED);
  expect(stretch.hasAfter).toBe(true);
});

it("knows when the list has to hold its place from its end", () => {
  expect(movedInFront(["3", "4"], ["1", "2", "3", "4"])).toBe(true);
  expect(movedInFront(["3", "4"], ["3", "4", "5"])).toBe(false);
  expect(movedInFront(["3", "4"], [START, "3", "4"])).toBe(true);
  expect(movedInFront([START, "3", "4"], ["1", "2", "3", "4"])).toBe(true);
  expect(movedInFront([START, "3"], [START, "3", "4"])).toBe(false);
  expect(movedInFront([], ["1"])).toBe(false);
  expect(movedInFront(["1"], ["7", "8"])).toBe(false);
});
