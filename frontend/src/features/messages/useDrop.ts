import { useEffect, useRef, useState } from "react";

const brings = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;

/** Takes files that are dropped anywhere on the window; tells whether some hang over it. */
export function useDrop(take: (files: File[], folders: boolean) => void): boolean {
  const [over, setOver] = useState(false);
  const newest = useRef(take);
  useEffect(() => {
    newest.current = take;
  });
  useEffect(() => {
    let depth = 0;
    const enter = (event: DragEvent) => {
      if (!brings(event)) return;
      depth++;
      setOver(true);
    };
    const leave = () => {
      depth = Math.max(0, depth - 1);
      if (depth === 0) setOver(false);
    };
    const hover = (event: DragEvent) => {
      if (brings(event)) event.preventDefault();
    };
    const drop = (event: DragEvent) => {
      depth = 0;
      setOver(false);
      if (!brings(event)) return;
      event.preventDefault();
      const items = [...event.dataTransfer!.items];
      const isFolder = items.map((item) => item.webkitGetAsEntry?.()?.isDirectory ?? false);
      const files = items.flatMap((item, index) => (item.kind === "file" && !isFolder[index] ? [item.getAsFile()] : [])).filter((file) => file !== null);
      newest.current(files, isFolder.includes(true));
    };
    window.addEventListener("dragenter", enter);
    window.addEventListener("dragleave", leave);
    window.addEventListener("dragover", hover);
    window.addEventListener("drop", drop);
    return () => {
      window.removeEventListener("dragenter", enter);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("dragover", hover);
      window.removeEventListener("drop", drop);
    };
  }, []);
  return over;
}
