let held: string | null = null;

/** The code is good for one use; it must not stay in the address or in the history, so the first script of the page takes it out. */
export function hideBootCode(): void {
  const said = new URLSearchParams(window.location.hash.replace(/^#\/?/, ""));
  const code = said.get("boot");
  if (code === null) return;
  // A window that cannot meet says where to go on here.
  const at = said.get("at");
  window.history.replaceState(null, "", window.location.pathname + window.location.search + (at?.startsWith("/") ? `#${at}` : ""));
  held = code;
}

/** What stood in the address; null once it was taken. */
export function takeBootCode(): string | null {
  hideBootCode();
  const code = held;
  held = null;
  return code;
}
