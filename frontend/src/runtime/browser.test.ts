// @vitest-environment jsdom
import { afterEach, expect, it, vi } from "vitest";
import { hideBootCode, takeBootCode } from "./boot";
import { browserRuntime, parseTopics } from "./browser";

afterEach(() => {
  vi.unstubAllGlobals();
  window.history.replaceState(null, "", "/");
});

it("takes the boot code once and leaves nothing of it in the address", async () => {
  window.history.replaceState(null, "", "/#boot=s3cret");
  const calls: [string, RequestInit][] = [];
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
    calls.push([url, init]);
    // It is gone before the first byte goes out.
    expect(window.location.href).not.toContain("s3cret");
    return Promise.resolve(new Response("{}"));
  });
  await browserRuntime().start();
  expect(calls).toHaveLength(1);
  expect(calls[0]![0]).toBe("/boot");
  expect(calls[0]![1].body).toBe('{"code":"s3cret"}');
  expect(new Headers(calls[0]![1].headers).get("X-Roundtable")).toBe("1");
  expect(takeBootCode()).toBeNull();
});

it("has it out of the address before everything else of the page is read", () => {
  window.history.replaceState(null, "", "/#boot=s3cret");
  hideBootCode();
  expect(window.location.href).not.toContain("s3cret");
  expect(takeBootCode()).toBe("s3cret");
  expect(takeBootCode()).toBeNull();
});

it("goes where a window says, and nowhere else", () => {
  window.history.replaceState(null, "", "/#boot=s3cret&at=%2Fw%2Fspc_a%2Fmeetings%3Fx%3D1");
  expect(takeBootCode()).toBe("s3cret");
  expect(window.location.hash).toBe("#/w/spc_a/meetings?x=1");
  window.history.replaceState(null, "", "/#boot=s3cret&at=https%3A%2F%2Fexample.org");
  expect(takeBootCode()).toBe("s3cret");
  expect(window.location.hash).toBe("");
});

it("starts without a code too", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new Error("no call expected")));
  await browserRuntime().start();
});

it("reads frames strictly", () => {
  expect(parseTopics('{"topics":["chat","chat:spc_a"]}')).toEqual(["chat", "chat:spc_a"]);
  expect(parseTopics('{"topics":"chat"}')).toEqual([]);
  expect(parseTopics("not json")).toEqual([]);
  expect(parseTopics('{"topics":[1,"people"]}')).toEqual(["people"]);
});

it("asks for everything again whenever a socket opens", async () => {
  vi.useFakeTimers();
  const sockets: { onopen?: () => void; onclose?: () => void; onmessage?: (event: { data: string }) => void }[] = [];
  class FakeSocket {
    static readonly CLOSING = 2;
    readyState = 3;
    constructor() {
      sockets.push(this as never);
    }
    close() {}
  }
  vi.stubGlobal("WebSocket", FakeSocket);
  const seen: string[][] = [];
  const end = browserRuntime().onChanged((topics) => seen.push([...topics]));
  sockets[0]!.onopen!();
  sockets[0]!.onmessage!({ data: '{"topics":["chat"]}' });
  sockets[0]!.onclose!();
  await vi.advanceTimersByTimeAsync(1000);
  expect(sockets).toHaveLength(2);
  sockets[1]!.onopen!();
  expect(seen).toEqual([["*"], ["chat"], ["*"]]);
  end();
  vi.useRealTimers();
});
