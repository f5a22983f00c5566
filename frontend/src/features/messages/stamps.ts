// When a file that is being uploaded was last changed, so that the rest of another one is never put behind its beginning. Kept on this screen only.

const PREFIX = "roundtable.upload.";
const memory = new Map<string, string>();

const stampOf = (file: File) => [file.name, file.size, file.lastModified].join("/");

export function keepStamp(uploadID: string, file: File): void {
  memory.set(uploadID, stampOf(file));
  try {
    localStorage.setItem(PREFIX + uploadID, stampOf(file));
  } catch {
    // Full or forbidden: then it begins anew after the next reload.
  }
}

/** Whether an upload began with this very file, as it is now. */
export function isSame(uploadID: string, file: File): boolean {
  try {
    return (localStorage.getItem(PREFIX + uploadID) ?? memory.get(uploadID)) === stampOf(file);
  } catch {
    return memory.get(uploadID) === stampOf(file);
  }
}

export function dropStamp(uploadID: string): void {
  memory.delete(uploadID);
  try {
    localStorage.removeItem(PREFIX + uploadID);
  } catch {
    // It was never there.
  }
}
