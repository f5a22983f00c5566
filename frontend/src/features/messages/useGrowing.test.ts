// @vitest-environment jsdom
import { act, cleanup, renderHook } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import { useGrowing } from "./useGrowing";

afterEach(cleanup);

it("draws what a screen shows first, then a hundred, then as many more as one wants", async () => {
  const drawn: number[] = [];
  const { result, rerender } = renderHook(({ total, which }) => {
    const growing = useGrowing(total, which);
    drawn.push(growing.most);
    return growing;
  }, { initialProps: { total: 0, which: "all" } });
  rerender({ total: 5000, which: "all" });
  await act(async () => {});
  expect([drawn[0], result.current.most]).toEqual([20, 100]);
  await act(async () => result.current.more());
  expect(result.current.most).toBe(200);
  rerender({ total: 10, which: "unread" });
  await act(async () => {});
  expect(result.current.most).toBeGreaterThanOrEqual(10);
});
