// @vitest-environment jsdom
import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { ScheduledState } from "../../../api";
import { openRoom } from "../../../testing/room";
import { ConversationList } from "../ConversationList";
import { DingAlerts } from "../ding/DingAlerts";
import { LaterNotices } from "./LaterNotices";

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

interface Stage {
  later: { asks(conversation: string, text: string, state: ScheduledState): void };
  dings: { comes(more: { text: string; rings?: boolean; lastUnixMs?: bigint; isExternal?: boolean }): unknown };
  notices: { shown: readonly { id: string; title: string }[] };
}
const stage = () => (globalThis as unknown as { stage: Stage }).stage;

it("says in the list and above everything that a scheduled message was not sent", async () => {
  const { world } = await openRoom("alone", (ws) => <><LaterNotices ws={ws} /><ConversationList ws={ws} chosen={undefined} onNewGroup={() => {}} /></>);
  const [conversation] = [...world.conversations.keys()];
  stage().later.asks(conversation!, "five o'clock", ScheduledState.SENT_LATE);
  stage().later.asks(conversation!, "the agenda", ScheduledState.ASKING);
  await screen.findByText(/A scheduled message for “.+” was not sent\./);
  within(await screen.findByRole("list", { name: "Conversations" })).getByText("[Not sent]");
  await waitFor(() => expect(stage().notices.shown.map(({ title }) => title).join()).toContain("was not sent"));
  fireEvent.click(screen.getByRole("button", { name: "Look at it" }));
});

it("is silent in quiet hours, and heard at their end though nothing else changes", async () => {
  const strikes = vi.fn();
  vi.stubGlobal("AudioContext", class {
    currentTime = 0;
    state = "running";
    destination = {};
    createOscillator = () => ({ type: "", frequency: {}, connect: (to: unknown) => to, start: strikes, stop() {} });
    createGain = () => ({ gain: { setValueAtTime() {}, linearRampToValueAtTime() {}, exponentialRampToValueAtTime() {} }, connect() {} });
    close = () => Promise.resolve();
  });
  vi.useFakeTimers({ now: new Date(2026, 10, 28, 7, 59, 30), shouldAdvanceTime: true });
  const { world } = await openRoom("alone", () => <DingAlerts />);
  Object.assign(world.settings, { quiet: true, quietFrom: 22 * 60, quietTo: 8 * 60, dingInQuiet: false });
  world.changed("settings");
  stage().dings.comes({ text: "The water is off", lastUnixMs: BigInt(Date.now() - 3_600_000), isExternal: true });
  const alert = await screen.findByRole("alertdialog", { name: /\(external\)/ });
  within(alert).getByText("External");
  expect(strikes).not.toHaveBeenCalled();
  vi.setSystemTime(new Date(2026, 10, 28, 8, 0, 5));
  await vi.advanceTimersByTimeAsync(11_000);
  await waitFor(() => expect(strikes).toHaveBeenCalled());
});
