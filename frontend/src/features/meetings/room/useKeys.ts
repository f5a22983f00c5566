import { useLayoutEffect, useRef, useState } from "react";

export interface RoomKeys {
  muted: boolean;
  microphone(on: boolean): void;
  camera(): void;
  hand(): void;
  share(): void;
  view(): void;
  people(): void;
  chat(): void;
  notes(): void;
}

/** With Alt, by the place on the keyboard: letters alone would fire while somebody dictates, and Alt writes other letters on a Mac. */
const DEEDS: Record<string, (keys: RoomKeys) => void> = {
  KeyM: (keys) => keys.microphone(keys.muted), KeyV: (keys) => keys.camera(), KeyH: (keys) => keys.hand(), KeyS: (keys) => keys.share(),
  KeyG: (keys) => keys.view(), KeyP: (keys) => keys.people(), KeyC: (keys) => keys.chat(), KeyN: (keys) => keys.notes(),
};

/** Where a space is a space, or presses what has the focus. */
function isTaken(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest("input, textarea, select, [contenteditable], [role=menu], [role=dialog], [role=alertdialog], [role=listbox]")) return true;
  return target.matches("button, a, [role=button], summary") && target.matches(":focus-visible");
}

/** Shortcuts of the room. Holding the space bar speaks while one is muted; gives whether one does. */
export function useKeys(keys: RoomKeys): boolean {
  const newest = useRef(keys);
  // With what is drawn, not after it: a key that is pressed in between means what is seen.
  useLayoutEffect(() => {
    newest.current = keys;
  });
  const [talking, setTalking] = useState(false);
  useLayoutEffect(() => {
    let held = false;
    const down = (event: KeyboardEvent) => {
      if (event.isComposing) return;
      if (event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey && DEEDS[event.code]) {
        event.preventDefault();
        if (!event.repeat) DEEDS[event.code]!(newest.current);
        return;
      }
      if (event.code !== "Space" || event.ctrlKey || event.altKey || event.metaKey || isTaken(event.target)) return;
      if (!held && !newest.current.muted) return;
      event.preventDefault();
      if (held) return;
      held = true;
      setTalking(true);
      newest.current.microphone(true);
    };
    const up = () => {
      if (!held) return;
      held = false;
      setTalking(false);
      newest.current.microphone(false);
    };
    const onUp = (event: KeyboardEvent) => {
      if (event.code !== "Space" || !held) return;
      event.preventDefault();
      up();
    };
    window.addEventListener("keydown", down);
    window.addEventListener("keyup", onUp);
    // A window that loses the focus never hears the key go up.
    window.addEventListener("blur", up);
    return () => {
      up();
      window.removeEventListener("keydown", down);
      window.removeEventListener("keyup", onUp);
      window.removeEventListener("blur", up);
    };
  }, []);
  return talking;
}
