import { takeBootCode } from "./boot";
import { browserNotices } from "./notices";
import { page } from "./page";
import { ALL, type Runtime } from "./types";

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 10_000;

/** The page in a browser: calls over HTTP with the session's cookie, changes over a WebSocket. */
export function browserRuntime(): Runtime {
  const call: typeof fetch = (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set("X-Roundtable", "1");
    return fetch(input, { ...init, headers, credentials: "same-origin" });
  };
  return {
    ...page(),
    fetch: call,
    notices: browserNotices(),
    canDownload: true,
    // The program may run on another desk than the browser.
    hasDesktop: false,
    async start() {
      const code = takeBootCode();
      if (code === null) return;
      try {
        await call("/boot", {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify({ code }),
        });
      } catch {
        // The first call will say what is wrong, in words.
      }
    },
    onChanged: (listener) => follow(listener),
    openLink(url) {
      window.open(url, "_blank", "noopener,noreferrer");
    },
  };
}

function follow(listener: (topics: readonly string[]) => void): () => void {
  let socket: WebSocket | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wait = FIRST_WAIT_MS;
  let ended = false;

  const open = () => {
    const url = new URL("/live", window.location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    socket = new WebSocket(url);
    socket.onopen = () => {
      wait = FIRST_WAIT_MS;
      // Before it opened, and between two sockets, changes went by unseen.
      listener([ALL]);
    };
    socket.onmessage = (event) => {
      const topics = parseTopics(event.data);
      if (topics.length > 0) listener(topics);
    };
    socket.onclose = () => {
      if (ended) return;
      timer = setTimeout(open, wait * (0.75 + Math.random() / 2));
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    };
  };
  const hurry = () => {
    if (ended || socket === null || socket.readyState < WebSocket.CLOSING) return;
    clearTimeout(timer);
    open();
  };
  open();
  window.addEventListener("online", hurry);
  window.addEventListener("focus", hurry);
  return () => {
    ended = true;
    clearTimeout(timer);
    window.removeEventListener("online", hurry);
    window.removeEventListener("focus", hurry);
    socket?.close();
  };
}

export function parseTopics(data: unknown): string[] {
  try {
    const frame: unknown = JSON.parse(String(data));
    const topics = (frame as { topics?: unknown }).topics;
    return Array.isArray(topics) ? topics.filter((topic): topic is string => typeof topic === "string") : [];
  } catch {
    return [];
  }
}
