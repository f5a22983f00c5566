// @vitest-environment jsdom
import { afterEach, expect, it, vi } from "vitest";
import { isWails, wailsRuntime } from "./wails";

afterEach(() => {
  vi.unstubAllGlobals();
  Object.assign(window, { runtime: undefined, go: undefined });
});

function desktop(call = vi.fn(() => Promise.resolve({ status: 200, body: '{"phase":"PHASE_NEW"}' }))) {
  const listeners: ((...data: unknown[]) => void)[] = [];
  Object.assign(window, {
    runtime: { EventsOn: (_: string, listener: (...data: unknown[]) => void) => (listeners.push(listener), () => {}), BrowserOpenURL: vi.fn() },
    go: { desktop: { Door: { Call: call } } },
  });
  return { listeners, call };
}

it("knows where it is", () => {
  expect(isWails()).toBe(false);
  desktop();
  expect(isWails()).toBe(true);
});

it("calls through the asset handler while bodies arrive", async () => {
  const { call } = desktop();
  vi.stubGlobal("fetch", vi.fn(() => Promise.resolve(new Response("{}"))));
  const runtime = wailsRuntime();
  await runtime.start();
  await runtime.fetch("/api/x.Y/Z", { method: "POST", body: "{}" });
  expect(call).not.toHaveBeenCalled();
});

it("switches to the bound method for the session when the probe fails", async () => {
  const { call } = desktop();
  vi.stubGlobal("fetch", vi.fn(() => Promise.resolve(new Response("no body", { status: 400 }))));
  const runtime = wailsRuntime();
  await runtime.start();
  const answer = await runtime.fetch("/api/x.Y/Z", { method: "POST", body: new TextEncoder().encode('{"a":1}') });
  expect(call).toHaveBeenCalledWith("/api/x.Y/Z", '{"a":1}');
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({ phase: "PHASE_NEW" });
});

it("hears topics as one list or as single arguments", () => {
  const { listeners } = desktop();
  const seen: string[][] = [];
  wailsRuntime().onChanged((topics) => seen.push([...topics]));
  listeners[0]!(["chat", "people"]);
  listeners[0]!("chat");
  listeners[0]!();
  expect(seen).toEqual([["chat", "people"], ["chat"]]);
});
