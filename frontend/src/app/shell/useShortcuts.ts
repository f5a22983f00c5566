import { useLayoutEffect, useRef } from "react";

export interface Shortcuts {
  find(): void;
  list(): void;
  messages(): void;
  directory(): void;
  folders(): void;
  meetings(): void;
  contracts(): void;
  settings(): void;
}

export function useShortcuts(shortcuts: Shortcuts): void {
  const newest = useRef(shortcuts);
  // With what is drawn, not after it: whoever sees the place may press a key.
  useLayoutEffect(() => {
    newest.current = shortcuts;
  });
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.isComposing) return;
      const deeds: Record<string, keyof Shortcuts> = { k: "find", "/": "list", "1": "messages", "2": "directory", "3": "folders", "4": "meetings", "5": "contracts", ",": "settings" };
      const deed = deeds[event.key.toLowerCase()];
      if (!deed || event.shiftKey) return;
      event.preventDefault();
      newest.current[deed]();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}
