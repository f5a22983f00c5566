// Paths of this computer, of whichever system: C:\Users\Li, \\server\share, /home/li.

const separator = (path: string) => (path.includes("\\") || /^[A-Za-z]:$/.test(path) ? "\\" : "/");

/** The folders on the way to one, each with its path. */
export function localCrumbs(path: string): { name: string; path: string }[] {
  const sep = separator(path);
  const root = sep === "/" ? "/" : (/^\\\\[^\\]+\\[^\\]+|^[A-Za-z]:/.exec(path)?.[0] ?? "");
  if (path === "") return [];
  const crumbs = [{ name: root, path: sep === "\\" && /:$/.test(root) ? `${root}\\` : root }];
  let at = root === "/" ? "" : root;
  for (const part of path.slice(root.length).split(sep).filter((one) => one !== "")) {
    at += sep + part;
    crumbs.push({ name: part, path: at });
  }
  return crumbs;
}

export function localJoin(parent: string, name: string): string {
  const sep = separator(parent);
  return parent.endsWith(sep) ? parent + name : parent + sep + name;
}

export function localName(path: string): string {
  return path.split(/[\\/]/).findLast((part) => part !== "") ?? path;
}
