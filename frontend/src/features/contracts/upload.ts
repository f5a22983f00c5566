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

/** A document that was brought in and looked at; one of a word processor becomes a PDF when it can. */
export async function bringDocument(api: Api, file: File): Promise<DocumentInspection> {
  return look(api, await bringIn(api, file));
}

async function look(api: Api, uploadId: string): Promise<DocumentInspection> {
  const seen = await api.contracts.inspectDocument({ uploadId });
  if (!seen.convertible) return seen;
  for (let tries = 0; ; tries++) {
    try {
      return await api.contracts.inspectDocument({ uploadId, convert: true });
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

/** From a file to a draft. */
export function useNewDraft(ws: string, onDraft: (id: string) => void) {
  const api = useApi();
  return useMutation({
    mutationFn: async (file: File) => {
      const seen = await bringDocument(api, file);
      return api.contracts.createDraft({ workspaceId: ws, uploadId: seen.uploadId, title: titleOf(seen.name || file.name) });
    },
    onSuccess: (draft) => onDraft(draft.id),
  });
}

/** From a document that is here already, attached to a message or in a shared folder, to a draft. */
export function useDraftOf(ws: string, onDraft: (id: string) => void) {
  const api = useApi();
  return useMutation({
    mutationFn: async (source: DocumentSource) => {
      const taken = "folderId" in source ? await api.contracts.takeFolderFile(source) : await api.contracts.takeAttachment(source);
      const seen = await look(api, taken.uploadId);
      return api.contracts.createDraft({ workspaceId: ws, uploadId: seen.uploadId, title: titleOf(taken.name) });
    },
    onSuccess: (draft) => onDraft(draft.id),
  });
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
