// "Only list it" was said once: the question does not come again on this screen.

const KEY = "roundtable.folders.listed";

function read(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter((id): id is string => typeof id === "string") : [];
  } catch {
    return [];
  }
}

export function wasDeclined(folder: string): boolean {
  return read().includes(folder);
}

export function decline(folder: string): void {
  try {
    localStorage.setItem(KEY, JSON.stringify([...new Set([...read(), folder])].slice(-500)));
  } catch {
    // Without storage it is asked again.
  }
}
