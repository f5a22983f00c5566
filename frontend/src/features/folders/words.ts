import type { TFunction } from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { EntryKind, EntryState, FolderMode, FolderState, type Entry, type Folder, type FolderChange, type FolderSource, type Problem } from "../../api";
import { baseName, parentOf } from "../../lib/folderLink";
import { whole } from "../../lib/number";
import { size } from "../../lib/size";
import { brief } from "../../lib/time";
import { useSentence } from "../../ui";

/** What it takes to say something. */
export interface Speech {
  readonly t: TFunction;
  readonly language: string;
  readonly sentence: (problem: Problem) => string;
}

export type Tone = "good" | "busy" | "idle" | "warn" | "bad";

export function useSpeech(): Speech {
  const { t, i18n } = useTranslation();
  const sentence = useSentence();
  // The sentence is new at every render and says the same as long as the language stays.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  return useMemo(() => ({ t, language: i18n.language, sentence }), [t, i18n.language]);
}

/** 1,240 files, 3.2 GB */
export function amount(files: bigint, bytes: bigint, { t, language }: Speech): string {
  return t("folders.amount", { count: Number(files), n: whole(files, language), size: size(Number(bytes)) });
}

/** 14 s, 12 min, 3 h: as exact as such a guess can be. */
export function lasting(seconds: bigint, { t }: Speech): string {
  const count = Math.max(1, Number(seconds));
  if (count < 100) return t("folders.time.seconds", { count });
  const minutes = Math.round(count / 60);
  return minutes < 100 ? t("folders.time.minutes", { count: minutes }) : t("folders.time.hours", { count: Math.round(minutes / 60) });
}

const VIAS = ["lan", "rtc", "relayed", "relay"] as const;

/** From whom files come, and over which link. The best link speaks when there are several. */
export function from(sources: readonly FolderSource[], { t }: Speech): string {
  const rank = (source: FolderSource) => (VIAS as readonly string[]).indexOf(source.via);
  // Of a relay it is known that it came from there, not whose it was.
  const known = sources.filter((source) => source.personName !== "" || source.via === "relay");
  const first = known.sort((a, b) => rank(a) - rank(b))[0];
  if (!first) return "";
  const via = VIAS.find((one) => one === first.via);
  const who = first.deviceName === "" ? first.personName : t("folders.from.device", { person: first.personName, device: first.deviceName });
  const words = via ? t(`folders.from.${via}`, { who }) : t("folders.from.other", { who });
  return known.length > 1 ? t("folders.from.more", { words, count: known.length - 1 }) : words;
}

export interface Said {
  readonly tone: Tone;
  readonly text: string;
}

/** The one plain sentence about a folder. It never says more than is known. */
export function folderWords(folder: Folder, speech: Speech): Said {
  const { t, language, sentence } = speech;
  const missing = folder.missingFiles > 0n ? t("folders.state.missing", { count: Number(folder.missingFiles), n: whole(folder.missingFiles, language), all: whole(folder.files, language) }) : "";
  const parts = (...words: string[]) => words.filter((word) => word !== "").join(language === "zh" ? "，" : ", ");
  const contents = amount(folder.files, folder.bytes, speech);
  if (!folder.active) return { tone: "idle", text: t("folders.state.ended") };
  switch (folder.state) {
    case FolderState.UP_TO_DATE:
      if (folder.unsaid > 0n) return { tone: "busy", text: t("folders.state.unsaid", { count: Number(folder.unsaid), n: whole(folder.unsaid, language) }) };
      if (folder.unsent > 0n) return { tone: "idle", text: t("folders.state.unsent", { count: Number(folder.unsent), n: whole(folder.unsent, language) }) };
      return { tone: "good", text: folder.mode === FolderMode.CHOSEN ? t("folders.state.chosen", { amount: contents }) : t("folders.state.upToDate", { amount: contents }) };
    case FolderState.SCANNING:
      if (folder.unsaid > 0n) return { tone: "busy", text: t("folders.state.unsaid", { count: Number(folder.unsaid), n: whole(folder.unsaid, language) }) };
      return { tone: "busy", text: t("folders.state.scanning", { count: Number(folder.scanned), n: whole(folder.scanned, language) }) };
    case FolderState.FETCHING:
      return { tone: "busy", text: parts(missing === "" ? t("folders.state.fetching") : missing, folder.secondsLeft > 0n ? t("folders.state.left", { time: lasting(folder.secondsLeft, speech) }) : "", from(folder.sources, speech)) };
    case FolderState.WAITING:
      return { tone: "idle", text: missing === "" ? t("folders.state.waiting") : t("folders.state.waitingFor", { missing }) };
    case FolderState.PAUSED:
      return { tone: "idle", text: missing === "" ? t("folders.state.paused") : t("folders.state.pausedWith", { missing }) };
    case FolderState.LISTED:
      return { tone: "idle", text: t("folders.state.listed", { amount: contents }) };
    case FolderState.HELD:
      return { tone: "idle", text: folder.heldBy === "battery" ? t("folders.state.heldBattery") : folder.heldBy === "metered" ? t("folders.state.heldMetered") : t("folders.state.held") };
    case FolderState.STOPPED:
      return { tone: "bad", text: t("folders.state.stopped", { reason: sentence({ code: folder.errorCode, params: {} }) }) };
    default:
      return { tone: "idle", text: contents };
  }
}

/** How much of what should be here is here; null when there is nothing on its way. */
export function folderProgress(folder: Folder): { done: bigint; total: bigint } | null {
  const moves = folder.state === FolderState.FETCHING || folder.state === FolderState.WAITING || folder.state === FolderState.PAUSED || folder.state === FolderState.HELD;
  if (!moves || folder.missingBytes <= 0n || folder.bytes <= 0n) return null;
  return { done: folder.bytes > folder.missingBytes ? folder.bytes - folder.missingBytes : 0n, total: folder.bytes };
}

/** Nobody has decided yet whether it is kept here. */
export function isOffered(folder: Folder): boolean {
  return folder.active && folder.localPath === "" && (folder.mode === FolderMode.LISTED || folder.mode === FolderMode.UNSPECIFIED);
}

export function percentOf(entry: Entry): number {
  return entry.size > 0n ? Math.min(99, Number((entry.fetched * 100n) / entry.size)) : 0;
}

/** The state of an entry in words. */
export function entryWords(entry: Entry, { t, sentence }: Speech): Said {
  switch (entry.state) {
    case EntryState.HERE:
      return { tone: "good", text: t("folders.entry.here") };
    case EntryState.FETCHING:
      return { tone: "busy", text: t("folders.entry.fetching", { percent: percentOf(entry) }) };
    case EntryState.WAITING:
      return { tone: "idle", text: t("folders.entry.waiting") };
    case EntryState.LISTED:
      return { tone: "idle", text: t("folders.entry.listed") };
    case EntryState.CHANGED_HERE:
      return { tone: "busy", text: t("folders.entry.changedHere") };
    case EntryState.PROBLEM:
      return { tone: "bad", text: sentence({ code: entry.errorCode, params: {} }) };
    default:
      return { tone: "idle", text: "" };
  }
}

/** What an entry is, in a word or two. */
export function kindWords(entry: Entry, speech: Speech): string {
  if (entry.kind === EntryKind.FOLDER) return speech.t("folders.entry.folder", { count: Number(entry.files), n: whole(entry.files, speech.language) });
  if (entry.kind === EntryKind.LINK) return speech.t("folders.entry.link", { target: entry.target });
  return size(Number(entry.size));
}

/** What somebody did, without their name. */
export function changeWords(change: FolderChange, { t, language }: Speech): string {
  const name = baseName(change.path);
  switch (change.what) {
    case "added":
      return t("folders.did.added", { name });
    case "changed":
      return t("folders.did.changed", { name });
    case "removed":
      return t("folders.did.removed", { name });
    case "moved":
      return parentOf(change.from) === parentOf(change.path) ? t("folders.did.renamed", { from: baseName(change.from), name })
        : parentOf(change.path) === "" ? t("folders.did.movedOut", { name }) : t("folders.did.moved", { name, place: parentOf(change.path) });
    case "several":
    case "several_added":
    case "several_removed": {
      const key = ({ several: "several", several_added: "severalAdded", several_removed: "severalRemoved" } as const)[change.what];
      const values = { count: Number(change.count), n: whole(change.count, language), place: change.path };
      return change.path === "" ? t(`folders.did.${key}`, values) : t(`folders.did.${key}In`, values);
    }
    default:
      return t("folders.did.changed", { name });
  }
}

export function when(unixMs: bigint, { t, language }: Speech): string {
  return brief(Number(unixMs), Date.now(), language, { today: t("messages.today"), yesterday: t("messages.yesterday") });
}
