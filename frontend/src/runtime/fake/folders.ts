import {
  EntryKind, EntryState, FolderMode, FolderRole, FolderState, Resolution, type FoldersService, type PaceResponse, type Version,
} from "../../api/gen/roundtable/v1/folders_pb";
import { FolderBox, previewOf, type FakeFile } from "./folderBox";
import { badRules, hiddenBy } from "./ignoreRules";
import { LocalDisk } from "./localDisk";
import type { Methods } from "./service";
import { checkName, ME, refuse, type World } from "./world";

/** What the fake knows of folders. */
export class Folders {
  readonly boxes: FolderBox[] = [];
  readonly disk = new LocalDisk();
  readonly pace: Omit<PaceResponse, "$typeName"> = { lanKib: 0, internetKib: 2048, pauseOnMetered: true, pauseOnBattery: false, power: "mains", network: "unmetered" };

  /** What was given to the system's own programs, the last one last. */
  readonly handed: { readonly deed: "open" | "reveal"; readonly path: string }[] = [];

  /** The cable is pulled, or the network changes: every folder of this disk rests while a choice says so. */
  meets(now: Partial<Pick<PaceResponse, "power" | "network">>): void {
    const { pace } = this;
    Object.assign(pace, now);
    const heldBy = pace.pauseOnMetered && pace.network === "metered" ? "metered" : pace.pauseOnBattery && pace.power === "battery" ? "battery" : "";
    for (const box of this.boxes) {
      const { value } = box;
      if (value.localPath === "" || value.state === FolderState.PAUSED || value.state === FolderState.STOPPED || value.heldBy === heldBy) continue;
      Object.assign(value, { heldBy, state: heldBy === "" ? FolderState.UNSPECIFIED : FolderState.HELD });
      box.changed();
    }
  }

  box(id: string): FolderBox {
    return this.boxes.find((box) => box.value.id === id) ?? refuse("not_found");
  }
}

export function foldersService(world: World, folders: Folders): Methods<typeof FoldersService> {
  const { disk, pace } = folders;
  const box = (id: string) => folders.box(id);
  const managed = (id: string) => {
    const found = box(id);
    if (found.value.role !== FolderRole.MANAGE) refuse("forbidden");
    return found;
  };
  const written = (id: string) => {
    const found = box(id);
    if (found.value.role === FolderRole.READ) refuse("forbidden");
    return found;
  };
  const told = (found: FolderBox) => {
    found.changed();
    return found.value;
  };
  const nested = (path: string, but = "") => folders.boxes.some(({ value }) => value.id !== but && value.localPath !== "" && (value.localPath === path || value.localPath.startsWith(`${path}/`) || path.startsWith(`${value.localPath}/`)));
  const membersOf = (found: FolderBox) => ({ members: found.members.map((member) => ({ ...member, name: found.person(member.personId) })) });
  const versions = (found: FolderBox, file: FakeFile, gone: boolean): Version[] => file.versions.map((version, index) => found.version(file, version, index === 0 && !gone));
  const side = (found: FolderBox, path: string) => {
    const file = found.files.get(path)!;
    return { path, personName: found.person(file.by), unixMs: BigInt(file.at), size: BigInt(file.size), state: file.state, contentPath: file.state === EntryState.HERE ? file.url : "", preview: previewOf(path) };
  };
  const conflictsOf = (found: FolderBox) => ({ conflicts: found.conflicts.map(({ original, copy }) => ({ original: side(found, original), copy: side(found, copy) })) });
  const asOf = (found: FolderBox, path: string, at: number) => {
    const then = (file: FakeFile) => file.versions.find((version) => version.at <= at);
    const inside = found.under(path);
    return {
      restored: found.removed.filter((file) => (path === "" || file.path.startsWith(`${path}/`)) && then(file) && !then(file)!.removed),
      changed: inside.filter((file) => then(file) && then(file) !== file.versions[0]),
      removed: inside.filter((file) => !then(file)), then,
    };
  };
  const hide = (found: FolderBox, text: string) => {
    const hidden = hiddenBy(text, [...found.files.keys(), "草稿/~$报价单.xlsx", "缓存.tmp", "Thumbs.db"]);
    return { text, hidden: hidden.slice(0, 100).map(({ path, line }) => ({ path, line, kind: EntryKind.FILE })), hiddenCount: BigInt(hidden.length), badLines: badRules(text) };
  };

  return {
    folders: ({ workspaceId }) => ({ folders: folders.boxes.filter(({ value }) => value.workspaceId === workspaceId && value.active).map(({ value }) => value) }),
    share({ workspaceId, localPath, name, members }) {
      const given = checkName(name || localPath.slice(localPath.lastIndexOf("/") + 1));
      if (nested(localPath)) refuse("folder_nested");
      if (disk.problem(localPath) !== "") refuse(disk.problem(localPath));
      const made = new FolderBox(world, workspaceId, given, { localPath, state: FolderState.SCANNING });
      made.members = [{ $typeName: "roundtable.v1.FolderMember", personId: ME, role: FolderRole.MANAGE, name: "", hasEverything: true, owner: true }, ...members];
      folders.boxes.push(made);
      for (let i = 1; i <= 12; i++) made.put(`文件 ${i}.txt`, 1200 * i);
      made.count(FolderState.SCANNING);
      world.later(900, () => {
        made.count(FolderState.UP_TO_DATE);
        made.changed();
      });
      world.changed("folders");
      return made.value;
    },
    keep({ folderId, localPath, mode, chosen }) {
      const found = box(folderId);
      if (mode === FolderMode.LISTED) return told(Object.assign(found, { value: Object.assign(found.value, { mode, localPath: "" }) }));
      const place = localPath || found.value.localPath;
      if (place === "") refuse("folder_missing");
      if (nested(place, folderId)) refuse("folder_nested");
      if (disk.problem(place) !== "") refuse(disk.problem(place));
      Object.assign(found.value, { mode, localPath: place, sources: [{ $typeName: "roundtable.v1.FolderSource", personName: "李卓然", deviceName: "台式机", via: "lan" }] });
      found.chosen = chosen;
      Object.assign(found.value, { chosen, leftOut: [] });
      for (const file of found.files.values()) {
        if (!found.keeps(file.path)) file.state = EntryState.LISTED;
        else if (file.state === EntryState.LISTED) file.state = EntryState.FETCHING;
      }
      if (mode === FolderMode.WHOLE) found.fetch("");
      else for (const path of chosen) found.fetch(path);
      return told(found);
    },
    unkeep({ folderId }) {
      const found = box(folderId);
      Object.assign(found.value, { mode: FolderMode.LISTED, localPath: "", state: FolderState.LISTED });
      for (const file of found.files.values()) Object.assign(file, { state: EntryState.LISTED, fetched: 0 });
      return told(found);
    },
    leave({ folderId }) {
      const found = box(folderId);
      if (found.members.filter((member) => member.owner).every((member) => member.personId === ME) && found.members.length > 1) refuse("last_owner");
      found.value.active = false;
      world.changed("folders");
      return {};
    },
    stopSharing({ folderId }) {
      const found = managed(folderId);
      found.value.active = false;
      return told(found);
    },
    renameFolder: ({ folderId, name }) => told(Object.assign(managed(folderId), { value: Object.assign(box(folderId).value, { name: checkName(name) }) })),
    pauseFolder({ folderId, paused }) {
      const found = box(folderId);
      found.value.state = paused ? FolderState.PAUSED : FolderState.UNSPECIFIED;
      if (!paused) for (const file of found.files.values()) if (file.state === EntryState.FETCHING) return told((found.fetch(file.path), found));
      return told(found);
    },
    setRetention({ folderId, keepDays, keepBytes }) {
      if (keepDays < 1 || keepDays > 3650 || keepBytes < 0n) refuse("setting_invalid");
      return told(Object.assign(box(folderId), { value: Object.assign(box(folderId).value, { keepDays, keepBytes }) }));
    },
    folderMembers: ({ folderId }) => membersOf(box(folderId)),
    setFolderMembers({ folderId, members }) {
      const found = managed(folderId);
      for (const { personId, role } of members) {
        const known = found.members.find((member) => member.personId === personId);
        if (known) known.role = role;
        else found.members.push({ $typeName: "roundtable.v1.FolderMember", personId, role, name: "", hasEverything: false, owner: false });
      }
      told(found);
      return membersOf(found);
    },
    removeFolderMember({ folderId, personId }) {
      const found = managed(folderId);
      found.members = found.members.filter((member) => member.personId !== personId);
      told(found);
      return membersOf(found);
    },
    entries: ({ folderId, path, after, limit }) => box(folderId).list(path, after, limit || 500),
    findEntries({ folderId, text, limit }) {
      const found = box(folderId);
      const all = [...found.files.values()].filter((file) => file.path.slice(file.path.lastIndexOf("/") + 1).toLowerCase().includes(text.toLowerCase()));
      return { entries: all.slice(0, limit || 500).map((file) => found.entry(file)), hasMore: all.length > (limit || 500), total: BigInt(all.length) };
    },
    transfers({ folderId }) {
      const found = box(folderId);
      const moving = [...found.files.values()].filter((file) => file.state === EntryState.FETCHING || file.state === EntryState.WAITING);
      return {
        transfers: moving.slice(0, 4).map((file) => ({ path: file.path, size: BigInt(file.size), fetched: BigInt(file.fetched), waiting: file.state === EntryState.WAITING })),
        queued: BigInt(Math.max(0, moving.length - 4)), reusedBytes: BigInt(found.reused), fetchedBytes: BigInt(found.came),
      };
    },
    folderChanges({ folderId, before, limit }) {
      const { changes } = box(folderId);
      const from = before === "" ? 0 : changes.findIndex((change) => change.cursor === before) + 1;
      return { changes: changes.slice(from, from + (limit || 50)), hasMore: from + (limit || 50) < changes.length };
    },
    problems: ({ folderId }) => ({ problems: [...box(folderId).files.values()].filter((file) => file.state === EntryState.PROBLEM).map((file) => ({ path: file.path, errorCode: file.errorCode, sinceUnixMs: BigInt(file.at), params: {} })) }),
    conflicts: ({ folderId }) => conflictsOf(box(folderId)),
    resolve({ folderId, copyPath, resolution }) {
      const found = written(folderId);
      const { original } = found.conflicts.find(({ copy }) => copy === copyPath) ?? refuse("not_found");
      const copy = found.files.get(copyPath)!;
      copy.isConflict = false;
      if (resolution === Resolution.KEEP_COPY) found.write(original, { size: copy.size, url: copy.url });
      if (resolution !== Resolution.KEEP_BOTH) found.remove(copyPath);
      found.conflicts = found.conflicts.filter((conflict) => conflict.copy !== copyPath);
      told(found);
      return conflictsOf(found);
    },
    versions({ folderId, path }) {
      const found = box(folderId);
      const file = found.files.get(path);
      const gone = found.removed.find((candidate) => candidate.path === path);
      return { versions: file ? versions(found, file, false) : gone ? versions(found, gone, true) : refuse("not_found") };
    },
    bin({ folderId }) {
      const found = box(folderId);
      return { removed: found.removed.map((file) => found.version(file, file.versions.find((version) => !version.removed) ?? file.versions[0]!, false)), hasMore: false, bytes: found.value.binBytes };
    },
    restoreVersion({ folderId, path, versionId }) {
      const found = written(folderId);
      const file = found.files.get(path) ?? found.removed.find((candidate) => candidate.path === path) ?? refuse("not_found");
      const version = file.versions.find(({ id }) => id === versionId) ?? refuse("not_found");
      if (version.url === "" && version.size > 0 && found.away) refuse("version_gone");
      const restored = found.files.has(path) ? 0n : 1n;
      found.write(path, { size: version.size, url: version.url });
      told(found);
      return { restored, changed: 1n - restored, removed: 0n };
    },
    restoreAsOf({ folderId, path, unixMs, preview }) {
      const found = written(folderId);
      const { restored, changed, removed, then } = asOf(found, path, Number(unixMs));
      if (!preview) {
        for (const file of [...restored, ...changed]) found.write(file.path, { size: then(file)!.size, url: then(file)!.url });
        for (const file of removed) found.remove(file.path);
        told(found);
      }
      return { restored: BigInt(restored.length), changed: BigInt(changed.length), removed: BigInt(removed.length) };
    },
    keepEntry({ folderId, path, keep }) {
      const found = box(folderId);
      if (keep) {
        found.fetch(path);
        return found.value;
      }
      if (found.away) refuse("only_copy");
      for (const file of found.under(path)) Object.assign(file, { state: EntryState.LISTED, fetched: 0 });
      Object.assign(found.value, { mode: FolderMode.CHOSEN, leftOut: [...found.value.leftOut, path] });
      return told(found);
    },
    openEntry({ folderId, path }) {
      if (!box(folderId).under(path).some((file) => file.state === EntryState.HERE)) refuse("entry_absent");
      folders.handed.push({ deed: "open", path });
      return {};
    },
    revealEntry({ folderId, path }) {
      if (box(folderId).value.localPath === "") refuse("entry_absent");
      folders.handed.push({ deed: "reveal", path });
      return {};
    },
    ignore: ({ folderId }) => hide(box(folderId), box(folderId).ignore),
    previewIgnore: ({ folderId, text }) => hide(box(folderId), text),
    setIgnore({ folderId, text }) {
      const found = written(folderId);
      if (badRules(text).length === 0) found.ignore = text;
      told(found);
      return hide(found, text);
    },
    browse: ({ path }) => disk.browse(path, (candidate) => (nested(candidate) ? "folder_nested" : "")),
    makeLocalFolder({ parent, name }) {
      disk.make(parent, checkName(name));
      return disk.browse(`${parent}/${name.trim()}`, (candidate) => (nested(candidate) ? "folder_nested" : ""));
    },
    pace: () => pace,
    setPace(change) {
      for (const key of ["lanKib", "internetKib"] as const) {
        const value = change[key];
        if (value !== undefined && value < 0) refuse("setting_invalid");
      }
      Object.assign(pace, Object.fromEntries(Object.entries(change).filter(([key, value]) => key in pace && value !== undefined)));
      folders.meets({});
      world.changed("folders");
      return pace;
    },
  };
}
