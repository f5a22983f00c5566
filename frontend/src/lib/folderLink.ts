// A link to something in a shared folder, as it stands in a message: roundtable:folder/<folderId>/<path>. It names a place and lets nobody in:
// who does not belong to the folder sees a name and nothing more. A path that ends with a slash is a folder.

export interface FolderLink {
  readonly folder: string;
  /** Slashes inside, none at either end; "" is the folder itself. */
  readonly path: string;
  readonly isFolder: boolean;
}

const PREFIX = "roundtable:folder/";
const CANDIDATE = /roundtable:folder\/[\w-]+(?:\/[\w\-.%]*)*/g;
/** Characters that would mislead about a name, or that no name has. */
const UNFIT = /[\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069]/u;

/** Only letters, digits and - _ . % remain, so that no writing around a link becomes part of it. */
function encode(segment: string): string {
  const hex = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  // Lone surrogates have no encoding.
  return encodeURIComponent(segment.replace(/\p{Surrogate}/gu, "\ufffd")).replace(/[!'()*~]/g, hex).replace(/\.$/, "%2E");
}

export function formatFolderLink({ folder, path, isFolder }: FolderLink): string {
  if (path === "") return PREFIX + folder;
  return `${PREFIX}${folder}/${path.split("/").map(encode).join("/")}${isFolder ? "/" : ""}`;
}

export function parseFolderLink(text: string): FolderLink | null {
  if (!text.startsWith(PREFIX)) return null;
  const [folder = "", ...rest] = text.slice(PREFIX.length).split("/");
  if (!/^[\w-]+$/.test(folder)) return null;
  const isFolder = rest.length === 0 || rest.at(-1) === "";
  if (rest.at(-1) === "") rest.pop();
  try {
    const path = rest.map(decodeURIComponent);
    const wrong = path.some((segment) => segment === "" || segment === "." || segment === ".." || segment.includes("/") || UNFIT.test(segment));
    return wrong ? null : { folder, path: path.join("/"), isFolder };
  } catch {
    return null;
  }
}

/** The text, with the links in it apart. */
export function splitFolderLinks(text: string): (string | FolderLink)[] {
  const pieces: (string | FolderLink)[] = [];
  let done = 0;
  for (const found of text.matchAll(CANDIDATE)) {
    const shown = found[0].replace(/\.+$/, "");
    const link = parseFolderLink(shown);
    if (!link) continue;
    if (found.index > done) pieces.push(text.slice(done, found.index));
    pieces.push(link);
    done = found.index + shown.length;
  }
  if (done < text.length || pieces.length === 0) pieces.push(text.slice(done));
  return pieces;
}

/** The last part of a path, which is what people call it. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** What a path lies in; "" is the folder itself. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

export function joinPath(parent: string, name: string): string {
  return parent === "" ? name : `${parent}/${name}`;
}
