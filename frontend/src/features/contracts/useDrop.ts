import { useEffect, useRef, useState } from "react";

const brings = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;

/** Takes a file that is dropped anywhere on the window; tells whether one hangs over it. */
export function useDrop(take: (file: File) => void, enabled = true): boolean {
  const [over, setOver] = useState(false);
  const newest = useRef(take);
  useEffect(() => {
    newest.current = take;
  });
  useEffect(() => {
    if (!enabled) return;
    const end = new AbortController();
    const on = (name: "dragenter" | "dragleave" | "dragover" | "drop", deed: (event: DragEvent) => void) =>
      window.addEventListener(name, (event) => brings(event) && deed(event), { signal: end.signal });
    let depth = 0;
    on("dragenter", () => setOver(++depth > 0));
    on("dragleave", () => setOver((depth = Math.max(0, depth - 1)) > 0));
    on("dragover", (event) => event.preventDefault());
    on("drop", (event) => {
      depth = 0;
      setOver(false);
      event.preventDefault();
      const file = event.dataTransfer?.files[0];
      if (file) newest.current(file);
    });
    return () => end.abort();
  }, [enabled]);
  return over;
}
