import { wailsNotices, type WailsNotices } from "./notices";
import { page } from "./page";
import type { Runtime } from "./types";

interface WailsWindow {
  runtime: {
    EventsOn(name: string, listener: (...data: unknown[]) => void): () => void;
    BrowserOpenURL(url: string): void;
    WindowSetTitle?(title: string): void;
    ClipboardSetText?(text: string): Promise<boolean>;
  } & WailsNotices;
  go?: { desktop?: { Door?: { Call(path: string, body: string): Promise<{ status: number; body: string }> } } };
}

function wails(): WailsWindow {
  return window as unknown as WailsWindow;
}

export function isWails(): boolean {
  return typeof (window as unknown as Partial<WailsWindow>).runtime?.EventsOn === "function";
}

/** The desktop window: calls through its asset handler (no port is open), changes as its events. */
export function wailsRuntime(): Runtime {
  let byBinding = false;
  const call: typeof fetch = (input, init) => (byBinding && init?.method === "POST" ? callBound(input, init) : callAssets(input, init));
  return {
    ...page(),
    fetch: call,
    notices: wailsNotices(() => wails().runtime),
    // Webviews on custom schemes ignore downloads.
    canDownload: false,
    hasDesktop: true,
    async start() {
      byBinding = !(await bodiesArrive());
    },
    onChanged(listener) {
      return wails().runtime.EventsOn("changed", (...data) => {
        const topics = data.flat().filter((topic): topic is string => typeof topic === "string");
        if (topics.length > 0) listener(topics);
      });
    },
    // The window, and with it the bar of programs, has a title of its own beside the page's.
    showUnread(count) {
      page().showUnread(count);
      wails().runtime.WindowSetTitle?.(document.title);
    },
    openLink: (url) => wails().runtime.BrowserOpenURL(url),
    async copyText(text) {
      if (!(await wails().runtime.ClipboardSetText?.(text))) await page().copyText(text);
    },
  };
}

function callAssets(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const headers = new Headers(init?.headers);
  headers.set("X-Roundtable", "1");
  return fetch(input, { ...init, headers });
}

/** Some webviews drop the body of a request on a custom scheme. Without its body the probe is no valid JSON and is refused. */
async function bodiesArrive(): Promise<boolean> {
  try {
    const answer = await callAssets("/api/roundtable.v1.SystemService/Status", {
      method: "POST",
      headers: { "Content-Type": "application/json", "Connect-Protocol-Version": "1" },
      body: "{}",
    });
    return answer.ok;
  } catch {
    return false;
  }
}

async function callBound(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const door = wails().go?.desktop?.Door;
  if (!door) throw new TypeError("call: no bound door");
  const path = typeof input === "string" ? input : input instanceof URL ? input.pathname : input.url;
  const body = init?.body;
  const text = typeof body === "string" ? body : ArrayBuffer.isView(body) ? new TextDecoder().decode(body) : "{}";
  const answer = await door.Call(path, text);
  return new Response(answer.body, { status: answer.status, headers: { "Content-Type": "application/json" } });
}
