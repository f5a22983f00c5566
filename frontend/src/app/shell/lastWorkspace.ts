const KEY = "roundtable.workspace";

export function lastWorkspace(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

export function rememberWorkspace(ws: string): void {
  try {
    localStorage.setItem(KEY, ws);
  } catch {
    // Without storage the first workspace opens.
  }
}
