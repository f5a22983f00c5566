// @vitest-environment jsdom
import { fireEvent, screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { openRoom } from "../../../testing/room";
import { DingAlerts } from "./DingAlerts";

interface Stage { dings: { comes(more: { text: string; personName?: string; lastUnixMs?: bigint; rings?: boolean }): unknown } }
const stage = () => (globalThis as unknown as { stage: Stage }).stage;

test("an urgent notice stands above everything until it is confirmed, and says how old it is", async () => {
  await openRoom("", () => <DingAlerts />);
  stage().dings.comes({ text: "Fire drill: leave now", lastUnixMs: BigInt(Date.now() - 15 * 3_600_000), rings: false });
  const alert = await screen.findByRole("alertdialog", { name: "Urgent notice from 王敏" });
  expect(alert.textContent).toContain("Fire drill: leave now");
  expect(alert.textContent).toContain("15 hours ago");
  fireEvent.click(screen.getByRole("button", { name: "Got it" }));
  await waitFor(() => expect(screen.queryByRole("alertdialog")).toBeNull());
});
