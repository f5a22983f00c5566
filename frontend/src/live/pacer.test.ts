import { expect, it, vi } from "vitest";
import { pacer } from "./folders";

it("asks at once, then again once for all that came meanwhile", async () => {
  vi.useFakeTimers();
  const run = pacer(400);
  const deed = vi.fn(() => Promise.resolve());
  for (let i = 0; i < 5; i++) run(deed);
  expect(deed).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(399);
  expect(deed).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(2);
  expect(deed).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(2000);
  expect(deed).toHaveBeenCalledTimes(2);
  run(deed);
  expect(deed).toHaveBeenCalledTimes(3);
  vi.useRealTimers();
});
