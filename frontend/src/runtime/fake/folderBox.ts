import { create } from "@bufbuild/protobuf";
import {
  EntryKind, EntrySchema, EntryState, FolderChangeSchema, FolderMode, FolderRole, FolderSchema, FolderState, VersionSchema,
  type Entry, type Folder, type FolderChange, type FolderMember, type Version,
} from "../../api/gen/roundtable/v1/folders_pb";
import { ME, type World } from "./world";

export interface FakeVersion {
  readonly id: string;
  readonly by: string;
  readonly at: number;
  readonly size: number;
  readonly url: string;
  readonly removed: boolean;
}

export interface FakeFile {
  path: string;
  size: number;
  at: number;
  by: string;
  state: EntryState;
  errorCode: string;
  fetched: number;
  isConflict: boolean;
  /** Where its content can be read, "" when nobody made one up. */
  url: string;
  target: string;
  versions: FakeVersion[];
}

const PREVIEWS: readonly (readonly [string, string])[] = [
  ["picture", "png jpg jpeg gif webp svg"], ["text", "txt md csv json ts go log"], ["pdf", "pdf"], ["audio", "mp3 wav m4a"], ["video", "mp4 webm"],
];
export const previewOf = (path: string) => PREVIEWS.find(([, ends]) => ends.split(" ").includes(path.slice(path.lastIndexOf(".") + 1).toLowerCase()))?.[0] ?? "";

export const textUrl = (text: string) => `data:text/plain;charset=utf-8,${encodeURIComponent(text)}`;
export const drawing = (tint: string, shape = "M0 9 5 3l3 4 3-3 5 5z") => `data:image/svg+xml,${encodeURIComponent(
  `<svg xmlns="http://www.w3.org/2000/svg" width="1600" height="1000" viewBox="0 0 16 10"><path fill="${tint}" d="M0 0h16v10H0z"/><path fill="#fff8" d="${shape}"/></svg>`,
)}`;

/** A shared folder as this device knows it. */
export class FolderBox {
  readonly value: Folder;
  members: FolderMember[] = [];
  readonly files = new Map<string, FakeFile>();
  readonly removed: FakeFile[] = [];
  readonly changes: FolderChange[] = [];
  conflicts: { original: string; copy: string }[] = [];
  ignore = "# 不同步的内容\n*.tmp\n~$*\nThumbs.db\n";
  chosen: string[] = [];
  reused = 0;
  came = 0;
  /** Nobody who has the content can be reached. */
  away = false;

  constructor(readonly world: World, ws: string, name: string, init: Partial<Omit<Folder, "$typeName">> = {}) {
    this.value = create(FolderSchema, {
      id: world.id("spc"), workspaceId: ws, name, role: FolderRole.MANAGE, mode: FolderMode.WHOLE, localPath: `/home/shen/圆桌/${name}`,
      keepDays: 30, active: true, watchLimit: 8192n, pollSeconds: 60, ...init,
    });
  }

  person(id: string): string {
    return this.world.members.get(this.value.workspaceId)?.find((member) => member.personId === id)?.name ?? "?";
  }

  put(path: string, size: number, init: Partial<FakeFile> = {}): FakeFile {
    const at = init.at ?? Date.now() - 3 * 86_400_000;
    const file: FakeFile = {
      path, size: Math.round(size), at, by: ME, state: this.value.mode === FolderMode.LISTED ? EntryState.LISTED : EntryState.HERE, errorCode: "", fetched: 0, isConflict: false,
      url: "", target: "", versions: [], ...init,
    };
    if (file.versions.length === 0) file.versions = [{ id: this.world.id("ver"), by: file.by, at, size, url: file.url, removed: false }];
    this.files.set(path, file);
    return file;
  }

  /** A new version of what is there, or of something new. */
  write(path: string, init: Partial<FakeFile>): void {
    const now = Date.now();
    const before = this.files.get(path) ?? this.removed.find((file) => file.path === path);
    const size = init.size ?? before?.size ?? 0;
    const version = { id: this.world.id("ver"), by: ME, at: now, size, url: init.url ?? "", removed: false };
    this.put(path, size, { ...before, by: ME, at: now, state: EntryState.HERE, ...init, versions: [version, ...(before?.versions ?? [])] });
    this.dropRemoved(path);
    this.said(ME, before ? "changed" : "added", path);
  }

  remove(path: string): void {
    const file = this.files.get(path);
    if (!file) return;
    file.versions.unshift({ id: this.world.id("ver"), by: ME, at: Date.now(), size: 0, url: "", removed: true });
    this.removed.unshift(file);
    this.files.delete(path);
    this.said(ME, "removed", path);
  }

  dropRemoved(path: string): void {
    const index = this.removed.findIndex((file) => file.path === path);
    if (index >= 0) this.removed.splice(index, 1);
  }

  said(by: string, what: string, path: string, at = Date.now(), count = 1, from = ""): void {
    this.changes.unshift(create(FolderChangeSchema, {
      personId: by, personName: this.person(by), deviceName: by === ME ? "沈清和的笔记本" : "台式机", unixMs: BigInt(at), what, path, from, count: BigInt(count), mine: by === ME,
      cursor: this.world.id("cur"),
    }));
    Object.assign(this.value, { lastChangeUnixMs: BigInt(at), lastChangeBy: this.person(by) });
  }

  under(path: string): FakeFile[] {
    return [...this.files.values()].filter((file) => path === "" || file.path === path || file.path.startsWith(`${path}/`));
  }

  /** Whether a file should be here. */
  keeps(path: string): boolean {
    if (this.value.mode === FolderMode.WHOLE) return true;
    return this.value.mode === FolderMode.CHOSEN && this.chosen.some((chosen) => path === chosen || path.startsWith(`${chosen}/`));
  }

  entry(file: FakeFile): Entry {
    return create(EntrySchema, {
      path: file.path, name: file.path.slice(file.path.lastIndexOf("/") + 1), kind: file.target === "" ? EntryKind.FILE : EntryKind.LINK, size: BigInt(file.size),
      modifiedUnixMs: BigInt(file.at), state: file.state, errorCode: file.errorCode, fetched: BigInt(file.fetched), changedBy: this.person(file.by), changedUnixMs: BigInt(file.at),
      isConflict: file.isConflict, contentPath: file.state === EntryState.HERE || file.state === EntryState.CHANGED_HERE ? file.url : "", preview: previewOf(file.path), target: file.target,
    });
  }

  /** What lies directly in a folder, in the order of names, from behind one of them; nothing else is made, of ten thousand too. */
  list(path: string, after: string, limit: number): { entries: Entry[]; hasMore: boolean; total: bigint } {
    const prefix = path === "" ? "" : `${path}/`;
    const found: { readonly name: string; readonly make: () => Entry }[] = [];
    const folders = new Map<string, FakeFile[]>();
    for (const file of this.files.values()) {
      if (!file.path.startsWith(prefix)) continue;
      const rest = file.path.slice(prefix.length);
      const slash = rest.indexOf("/");
      if (slash < 0) found.push({ name: rest, make: () => this.entry(file) });
      else {
        const name = rest.slice(0, slash);
        const inside = folders.get(name);
        if (inside) inside.push(file);
        else folders.set(name, [file]);
      }
    }
    for (const [name, inside] of folders) found.push({ name, make: () => this.folderEntry(prefix + name, name, inside) });
    const from = found.sort((a, b) => (a.name < b.name ? -1 : 1)).findIndex((one) => one.name === after) + 1;
    return { entries: found.slice(from, from + limit).map(({ make }) => make()), hasMore: from + limit < found.length, total: BigInt(found.length) };
  }

  private folderEntry(path: string, name: string, inside: readonly FakeFile[]): Entry {
    const last = inside.reduce((newest, file) => (file.at > newest.at ? file : newest));
    const states = new Set(inside.map((file) => file.state));
    const order = [EntryState.FETCHING, EntryState.WAITING, EntryState.CHANGED_HERE, EntryState.LISTED] as const;
    // Only listed is a folder of which nothing is here.
    const state = order.find((candidate) => states.has(candidate) && !(candidate === EntryState.LISTED && states.has(EntryState.HERE))) ?? EntryState.HERE;
    const here = (file: FakeFile) => (file.state === EntryState.HERE ? file.size : file.fetched);
    return create(EntrySchema, {
      path, name, kind: EntryKind.FOLDER, size: BigInt(inside.reduce((sum, file) => sum + file.size, 0)), files: BigInt(inside.length), state,
      fetched: BigInt(inside.reduce((sum, file) => sum + here(file), 0)), changedBy: this.person(last.by), changedUnixMs: BigInt(last.at), modifiedUnixMs: BigInt(last.at),
    });
  }

  version(file: FakeFile, version: FakeVersion, isPresent: boolean): Version {
    return create(VersionSchema, {
      id: version.id, path: file.path, personName: this.person(version.by), unixMs: BigInt(version.at), size: BigInt(version.size), isPresent, isRemoval: version.removed,
      here: version.url !== "", contentPath: version.url, preview: previewOf(file.path),
    });
  }

  /** Puts the numbers of the folder right; its state follows unless a scene insists on another. */
  count(state?: FolderState): void {
    const { value } = this;
    const all = [...this.files.values()];
    const missing = all.filter((file) => file.state === EntryState.FETCHING || file.state === EntryState.WAITING);
    const sum = (files: readonly FakeFile[], size: (file: FakeFile) => number) => BigInt(files.reduce((total, file) => total + size(file), 0));
    const problems = all.filter((file) => file.state === EntryState.PROBLEM).length;
    const usual = value.mode === FolderMode.LISTED ? FolderState.LISTED
      : missing.length === 0 ? FolderState.UP_TO_DATE : missing.every((file) => file.state === EntryState.WAITING) ? FolderState.WAITING : FolderState.FETCHING;
    const resting = value.state === FolderState.PAUSED || value.state === FolderState.STOPPED || value.state === FolderState.HELD;
    Object.assign(value, {
      files: BigInt(all.length), bytes: sum(all, (file) => file.size), missingFiles: BigInt(missing.length), missingBytes: sum(missing, (file) => file.size - file.fetched),
      conflicts: this.conflicts.length, problems, memberCount: this.members.length, binBytes: sum(this.removed, (file) => file.size),
      state: state ?? (resting ? value.state : usual),
    });
    const left = value.bytesPerSecond > 0n ? value.missingBytes / value.bytesPerSecond : 0n;
    value.secondsLeft = value.state === FolderState.FETCHING ? left : 0n;
  }

  changed(): void {
    this.count();
    this.world.changed("folders", `folder:${this.value.id}`);
  }

  /** Makes files come: one after the other, a few at a time. */
  fetch(path: string): void {
    for (const file of this.under(path)) {
      if (file.state === EntryState.HERE || file.state === EntryState.PROBLEM) continue;
      file.state = this.away ? EntryState.WAITING : EntryState.FETCHING;
    }
    if (!this.away) {
      this.value.bytesPerSecond = 24_000_000n;
      this.world.later(300, () => this.step());
    }
    this.changed();
  }

  private step(): void {
    const coming = [...this.files.values()].filter((file) => file.state === EntryState.FETCHING);
    if (this.value.state === FolderState.PAUSED || coming.length === 0) return;
    for (const file of coming.slice(0, 4)) {
      file.fetched = Math.min(file.size, file.fetched + Math.max(1, Math.ceil(file.size / 5)));
      if (file.fetched >= file.size) file.state = EntryState.HERE;
    }
    this.came += 1_000_000;
    this.changed();
    this.world.later(300, () => this.step());
  }
}
