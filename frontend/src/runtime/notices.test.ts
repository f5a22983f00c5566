// @vitest-environment jsdom
import { afterEach, expect, it, vi } from "vitest";
import { browserNotices, wailsNotices, type WailsNotices } from "./notices";

afterEach(() => void vi.unstubAllGlobals());

const call = { id: "call_1", title: "李卓然", text: "邀请你视频通话" };

it("a browser's notices are made with consent only, silent, one for each call, and taken back", async () => {
  const made: { title: string; options: NotificationOptions; close: () => void; onclick: (() => void) | undefined }[] = [];
  class Fake {
    static permission: NotificationPermission = "default";
    static requestPermission = () => Promise.resolve((Fake.permission = "granted"));
    close = vi.fn();
    onclick: (() => void) | undefined;
    constructor(readonly title: string, readonly options: NotificationOptions) {
      made.push(this);
    }
  }
  vi.stubGlobal("Notification", Fake);
  const notices = browserNotices();
  expect(await notices.consent()).toBe("unasked");
  notices.show(call);
  expect(made).toEqual([]);
  expect(await notices.ask()).toBe("granted");
  notices.show(call);
  expect(made[0]).toMatchObject({ title: "李卓然", options: { body: call.text, tag: "call_1", silent: true } });
  const pressed = vi.fn();
  const end = notices.onPressed(pressed);
  made[0]!.onclick!();
  expect(pressed).toHaveBeenCalledWith("call_1");
  end();
  made[0]!.onclick!();
  expect(pressed).toHaveBeenCalledOnce();
  notices.hide("call_1");
  expect(made[0]!.close).toHaveBeenCalledTimes(3);
  notices.show({ ...call, id: "message:spc_1", passing: true });
  expect(made[1]).toMatchObject({ options: { requireInteraction: false } });
  notices.hide("unknown");
});

it("a webview without notices says so", async () => {
  vi.stubGlobal("Notification", undefined);
  expect(await browserNotices().consent()).toBe("unsupported");
  expect(await browserNotices().ask()).toBe("unsupported");
  expect(await wailsNotices(() => ({})).consent()).toBe("unsupported");
});

it("the desktop's are opened once, before the first of them", async () => {
  const calls: string[] = [];
  const note = (name: string, answer: unknown = undefined) => (...words: unknown[]) => {
    calls.push([name, ...words.map((word) => JSON.stringify(word))].join(" "));
    return Promise.resolve(answer) as never;
  };
  const desktop: WailsNotices = {
    IsNotificationAvailable: note("available", true), InitializeNotifications: note("open"), CheckNotificationAuthorization: note("check", false), RequestNotificationAuthorization: note("ask", true),
    SendNotification: note("send"), RemoveNotification: note("remove"),
  };
  const notices = wailsNotices(() => desktop);
  expect(await notices.consent()).toBe("unasked");
  expect(await notices.ask()).toBe("granted");
  notices.show(call);
  await vi.waitFor(() => expect(calls.at(-1)).toMatch(/^send/));
  notices.hide("call_1");
  await vi.waitFor(() => expect(calls.at(-1)).toBe('remove "call_1"'));
  expect(calls).toEqual(["available", "open", "check", "ask", `send ${JSON.stringify({ id: "call_1", title: "李卓然", body: call.text })}`, 'remove "call_1"']);
  let say = (_: unknown) => {};
  const pressed = vi.fn();
  wailsNotices(() => ({ ...desktop, EventsOn: (_, listener) => ((say = listener), () => {}) })).onPressed(pressed);
  say("message:spc_1");
  say(7);
  expect(pressed.mock.calls).toEqual([["message:spc_1"]]);
  const broken = wailsNotices(() => ({ ...desktop, InitializeNotifications: () => Promise.reject(new Error("no bus")) }));
  expect(await broken.consent()).toBe("unsupported");
  broken.show(call);
});
