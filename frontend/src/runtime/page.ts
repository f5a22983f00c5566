import type { Runtime } from "./types";

/** What every shell with a document does the same way. */
export function page(): Pick<Runtime, "copyText" | "isWatched" | "onWatched" | "showUnread"> {
  const isWatched = () => document.visibilityState === "visible" && document.hasFocus();
  return {
    copyText: copy,
    isWatched,
    onWatched(listener) {
      const tell = () => listener(isWatched());
      const events = ["focus", "blur"] as const;
      for (const event of events) window.addEventListener(event, tell);
      document.addEventListener("visibilitychange", tell);
      return () => {
        for (const event of events) window.removeEventListener(event, tell);
        document.removeEventListener("visibilitychange", tell);
      };
    },
    showUnread(count) {
      const name = "Roundtable 圆桌";
      document.title = count > 0 ? `(${count > 99 ? "99+" : count}) ${name}` : name;
    },
  };
}

async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Custom schemes and unfocused pages have no clipboard API.
    const area = document.createElement("textarea");
    area.value = text;
    area.style.position = "fixed";
    area.style.opacity = "0";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    if (!done) throw new Error("copy: refused");
  }
}
