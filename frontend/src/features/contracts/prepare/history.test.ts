import { expect, it } from "vitest";
import { begin, push, redo, undo } from "./history";

it("goes back and forth, and forgets what was taken back once something else is done", () => {
  let history = begin(0);
  for (const value of [1, 2, 3]) history = push(history, value);
  history = undo(undo(history));
  expect(history.now).toBe(1);
  expect(redo(history).now).toBe(2);
  history = push(history, 9);
  expect(redo(history).now).toBe(9);
  expect(undo(history).now).toBe(1);
  expect(undo(undo(undo(undo(history)))).now).toBe(0);
});

it("takes steps of one kind back together", () => {
  let history = begin(0);
  for (const value of [1, 2, 3]) history = push(history, value, "move a");
  history = push(history, 4, "move b");
  expect(undo(history).now).toBe(3);
  expect(undo(undo(history)).now).toBe(0);
});

it("does not join steps over one that was taken back", () => {
  let history = push(push(begin(0), 1, "move a"), 2, "move a");
  history = push(undo(history), 5, "move a");
  expect(undo(history).now).toBe(0);
});
