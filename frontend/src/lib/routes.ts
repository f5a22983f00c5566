import { useNavigate, useParams } from "@tanstack/react-router";
import { useMemo } from "react";

export type SettingsSection = "general" | "privacy" | "device" | "workspace" | "folders" | "relays" | "about";

const FOLDER_VIEWS = ["changes", "conflicts", "problems", "bin"] as const;
/** What one looks at in a shared folder; its files when nothing is said. */
export type FolderView = (typeof FOLDER_VIEWS)[number];

/** A place in a shared folder. */
export interface FolderPlace {
  /** The folder inside it; absent is the folder itself. */
  readonly path?: string;
  /** Name of the entry that is looked at. */
  readonly entry?: string;
  readonly view?: FolderView;
}

/** Reads a place from an address; what makes no sense is left out. */
export function folderPlace(search: Record<string, unknown>): FolderPlace {
  const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : typeof value === "number" ? String(value) : undefined);
  const path = text(search["path"]);
  const entry = text(search["entry"]);
  const view = FOLDER_VIEWS.find((known) => known === search["view"]);
  return { ...(path !== undefined && { path }), ...(entry !== undefined && { entry }), ...(view && { view }) };
}

/** A meeting that is about to begin: in which conversation, with the camera or without, and for which planned one. */
export interface NewMeeting {
  readonly conversation?: string;
  readonly video?: boolean;
  readonly planned?: string;
}

export function newMeeting(search: Record<string, unknown>): NewMeeting {
  const text = (name: string) => (typeof search[name] === "string" && search[name] !== "" ? (search[name] as string) : undefined);
  const conversation = text("conversation");
  const planned = text("planned");
  return { ...(conversation !== undefined && { conversation }), ...(search["video"] === true && { video: true }), ...(planned !== undefined && { planned }) };
}

/** What one does with a contract; looking at it when nothing is said. */
export interface ContractPlace {
  readonly act?: "sign";
  /** A page that one comes for. */
  readonly page?: number;
}

export function contractPlace(search: Record<string, unknown>): ContractPlace {
  const page = Number(search["page"]);
  return { ...(search["act"] === "sign" && { act: "sign" as const }), ...(Number.isInteger(page) && page > 0 && { page }) };
}

// That somebody pressed a call button, until the place it leads to has seen it. It stands in no address: an address that is opened again, or that
// somebody else made up, must not ring at colleagues.
let pressed = false;

export function takePress(): boolean {
  const was = pressed;
  pressed = false;
  return was;
}

/** A document that is here already: attached to a message, or in a shared folder. */
export type DocumentSource = { readonly conversationId: string; readonly messageId: string; readonly index: number } | { readonly folderId: string; readonly path: string };

/** What can be prepared for signing, by its name: PDF, and what a word processor makes. */
export const isDocument = (name: string) => /\.(pdf|docx?|odt|rtf|wps)$/i.test(name);

// The document that somebody wants to have signed, until the place it leads to has taken it. An address that is opened again makes no second draft.
let wanted: DocumentSource | undefined;

export function takeWanted(): DocumentSource | undefined {
  const was = wanted;
  wanted = undefined;
  return was;
}

/** What one looks for on the page of search. Days are "2026-01-31". */
export interface SearchPlace {
  readonly text?: string;
  readonly from?: string;
  readonly in?: string;
  readonly since?: string;
  readonly until?: string;
  readonly file?: boolean;
  /** When one came with it: who comes anew begins anew, who changes something on the page goes on. */
  readonly at?: number;
}

export function searchPlace(search: Record<string, unknown>): SearchPlace {
  const out: Record<string, string | boolean | number> = {};
  // Whoever types a number writes text all the same.
  for (const name of ["text", "from", "in", "since", "until"] as const) if (typeof search[name] === "string" || typeof search[name] === "number") out[name] = String(search[name]).slice(0, 200);
  if (search["file"] === true) out["file"] = true;
  if (typeof search["at"] === "number") out["at"] = search["at"];
  return out;
}

// The message that somebody wants to see, until its conversation has taken it. Who asks for it again is led there again.
let sought: { readonly conversation: string; readonly message: string } | undefined;
const seekers = new Set<() => void>();

/** The message that is sought in a conversation, once. */
export function takeSought(conversation: string): string | undefined {
  if (sought?.conversation !== conversation) return undefined;
  const { message } = sought;
  sought = undefined;
  return message;
}

/** Tells an open conversation that a message is sought. */
export function onSought(seek: () => void): () => void {
  seekers.add(seek);
  return () => void seekers.delete(seek);
}

/** Features never import each other; they meet here. */
export function useGo() {
  const navigate = useNavigate();
  return useMemo(() => ({
    messages: (ws: string) => void navigate({ to: "/w/$ws/messages", params: { ws } }),
    conversation: (ws: string, conversation: string) =>
      void navigate({ to: "/w/$ws/messages/$conversation", params: { ws, conversation } }),
    /** To a message among those around it. */
    message: (ws: string, conversation: string, message: string) => {
      sought = { conversation, message };
      void navigate({ to: "/w/$ws/messages/$conversation", params: { ws, conversation } });
      for (const seek of seekers) seek();
    },
    newGroup: (ws: string) => void navigate({ to: "/w/$ws/messages", params: { ws }, search: { group: true } }),
    search: (ws: string, place: SearchPlace = {}, replace = false) => void navigate({ to: "/w/$ws/search", params: { ws }, search: place, replace }),
    directory: (ws: string) => void navigate({ to: "/w/$ws/directory", params: { ws } }),
    /** The directory with the way to invite people open. */
    invite: (ws: string) => void navigate({ to: "/w/$ws/directory", params: { ws }, search: { invite: true } }),
    person: (ws: string, person: string) => void navigate({ to: "/w/$ws/directory/$person", params: { ws, person } }),
    folders: (ws: string) => void navigate({ to: "/w/$ws/folders", params: { ws } }),
    folder: (ws: string, folder: string, place: FolderPlace = {}) => void navigate({ to: "/w/$ws/folders/$folder", params: { ws, folder }, search: place }),
    meetings: (ws: string) => void navigate({ to: "/w/$ws/meetings", params: { ws } }),
    meeting: (ws: string, call: string, replace = false) => void navigate({ to: "/w/$ws/meetings/$call", params: { ws, call }, replace }),
    /** To the place before a meeting. From a call button, people who are called alone are rung at once. */
    newMeeting: (ws: string, meeting: NewMeeting, press = false) => {
      pressed = press;
      void navigate({ to: "/w/$ws/meetings/new", params: { ws }, search: meeting });
    },
    contracts: (ws: string) => void navigate({ to: "/w/$ws/contracts", params: { ws } }),
    contract: (ws: string, contract: string, place: ContractPlace = {}) => void navigate({ to: "/w/$ws/contracts/$contract", params: { ws, contract }, search: place }),
    /** From a document that is here already to the draft of a contract. */
    prepare: (ws: string, source: DocumentSource) => {
      wanted = source;
      void navigate({ to: "/w/$ws/contracts/new", params: { ws } });
    },
    draft: (ws: string, draft: string, replace = false) => void navigate({ to: "/w/$ws/contracts/draft/$draft", params: { ws, draft }, replace }),
    verify: (ws: string, contract?: string) => void navigate({ to: "/w/$ws/contracts/verify", params: { ws }, search: contract === undefined ? {} : { contract } }),
    seals: (ws: string) => void navigate({ to: "/w/$ws/contracts/seals", params: { ws } }),
    certificates: (ws: string) => void navigate({ to: "/w/$ws/contracts/certificates", params: { ws } }),
    templates: (ws: string) => void navigate({ to: "/w/$ws/contracts/templates", params: { ws } }),
    settings: (ws: string, section: SettingsSection = "general") =>
      void navigate({ to: "/w/$ws/settings/$section", params: { ws, section } }),
    door: () => void navigate({ to: "/join" }),
    /** Into a meeting elsewhere, by a link. */
    guest: () => void navigate({ to: "/guest" }),
    home: () => void navigate({ to: "/" }),
  }), [navigate]);
}

/** The workspace that one is in, where nobody hands it down; undefined outside of all. */
export function useHere(): string | undefined {
  return useParams({ strict: false, select: (params) => (params as { ws?: string }).ws });
}

/** The meeting whose page is shown; undefined elsewhere. */
export function useMeetingShown(): string | undefined {
  return useParams({ strict: false, select: (params) => (params as { call?: string }).call });
}
