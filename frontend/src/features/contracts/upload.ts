import { useMutation } from "@tanstack/react-query";
import { ConnectError } from "@connectrpc/connect";
import { problemOf, type Api, type DocumentInspection } from "../../api";
import type { DocumentSource } from "../../lib/routes";
import { useApi } from "../../live";

const PART = 512 * 1024;
const TRIES = 3;

/** Brings a file into the program, part by part; gives the ID of the upload. */
export async function bringIn(api: Api, file: File): Promise<string> {
  const { uploadId } = await api.contracts.beginDocument({ name: file.name, size: BigInt(file.size) });
  for (let at = 0; at < file.size; at += PART) {
    const data = new Uint8Array(await file.slice(at, at + PART).arrayBuffer());
    await put(api, uploadId, at, data);
  }
  return uploadId;
}

/** The same part may be put again. What the program refuses for a reason is not tried again. */
async function put(api: Api, uploadId: string, offset: number, data: Uint8Array): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await api.contracts.putDocument({ uploadId, offset: BigInt(offset), data });
      return;
    } catch (cause) {
      if (tries === TRIES || ConnectError.from(cause).details.length > 0) throw cause;
      await new Promise((done) => setTimeout(done, 400 * tries));
    }
  }
}

/** A document that can become a draft. */
export interface Brought {
  readonly seen: DocumentInspection;
  readonly title: string;
  /** It is the PDF that was made of a document of a word processor. */
  readonly converted: boolean;
}

/** Looks at a document that was brought in; one of a word processor becomes a PDF when it can. */
async function look(api: Api, uploadId: string, name: string): Promise<Brought> {
  const seen = await api.contracts.inspectDocument({ uploadId });
  if (!seen.convertible) return { seen, title: titleOf(seen.name || name), converted: false };
  for (let tries = 0; ; tries++) {
    try {
      return { seen: await api.contracts.inspectDocument({ uploadId, convert: true }), title: titleOf(name), converted: true };
    } catch (cause) {
      // It is still being converted: long documents take a while.
      if (problemOf(cause).code !== "not_ready" || tries > 100) throw cause;
      await new Promise((done) => setTimeout(done, 1_000));
    }
  }
}

/** The title that a file's name suggests. */
export function titleOf(name: string): string {
  return name.replace(/\.[A-Za-z0-9]{1,5}$/, "").replaceAll("_", " ").trim();
}

export interface NewDraft<T> {
  readonly begin: (what: T) => void;
  readonly isIdle: boolean;
  readonly isPending: boolean;
  readonly error: Error | null;
  /** What was converted is looked at before it becomes a draft. */
  readonly converted: Brought | null;
  readonly accept: (brought: Brought) => void;
  readonly dismiss: () => void;
}

function useDraftFrom<T>(ws: string, bring: (api: Api, what: T) => Promise<Brought>, onDraft: (id: string) => void): NewDraft<T> {
  const api = useApi();
  const make = useMutation({
    mutationFn: ({ seen, title }: Brought) => api.contracts.createDraft({ workspaceId: ws, uploadId: seen.uploadId, title }),
    onSuccess: (draft) => onDraft(draft.id),
  });
  const get = useMutation({
    mutationFn: (what: T) => bring(api, what),
    onSuccess: (brought) => {
      if (!brought.converted) make.mutate(brought);
    },
  });
  return {
    begin(what) {
      make.reset();
      get.mutate(what);
    },
    isIdle: get.isIdle, isPending: get.isPending || make.isPending, error: get.error ?? make.error,
    converted: get.data?.converted && make.isIdle ? get.data : null, accept: make.mutate, dismiss: get.reset,
  };
}

/** From a file to a draft. */
export function useNewDraft(ws: string, onDraft: (id: string) => void): NewDraft<File> {
  return useDraftFrom(ws, async (api, file) => look(api, await bringIn(api, file), file.name), onDraft);
}

/** From a document that is here already, attached to a message or in a shared folder, to a draft. */
export function useDraftOf(ws: string, onDraft: (id: string) => void): NewDraft<DocumentSource> {
  return useDraftFrom(ws, async (api, source) => {
    const taken = "folderId" in source ? await api.contracts.takeFolderFile(source) : await api.contracts.takeAttachment(source);
    return look(api, taken.uploadId, taken.name);
  }, onDraft);
}

export const DOCUMENTS = ".pdf,application/pdf,.doc,.docx,.odt,.rtf,.wps";

/** Asks for a file of this computer. Calls from a press only. */
export function chooseFile(accept: string, taken: (file: File) => void): void {
  const input = document.createElement("input");
  input.type = "file";
  input.accept = accept;
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    if (file) taken(file);
  });
  input.click();
}
