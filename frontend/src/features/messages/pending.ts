import type { Api } from "../../api";
import { isDrawable, isPicture, measure } from "../../lib/picture";
import { partSender, type SendPart } from "./sendPart";
import { dropStamp, isSame, keepStamp } from "./stamps";

/** A file beside the composer: chosen, on its way to the program's disk, or there. */
export interface Pending {
  readonly key: string;
  /** As it is sent: the program changes one that others could not take. */
  readonly name: string;
  readonly size: number;
  readonly renamed: boolean;
  /** "cut": it began before the screen was opened anew, which cannot read the file by itself. */
  readonly state: "queued" | "uploading" | "paused" | "cut" | "ready" | "failed";
  readonly received: number;
  /** Of a picture that can be looked at here. */
  readonly preview: string;
  readonly cause: unknown;
}

interface Item extends Pending {
  readonly file: File | null;
  uploadID: string;
  partSize: number;
  abort: AbortController | null;
}

/** So many are on their way at a time. */
const ABREAST = 2;
export const MOST_FILES = 20;

/** The files of one conversation's next message. They are uploaded a few at a time, also while another conversation is open. */
export class PendingFiles {
  private items: readonly Item[] = [];
  private listeners = new Set<() => void>();
  private working = 0;
  private restored = false;
  private count = 0;

  private readonly send: SendPart;

  constructor(private readonly api: Api, private readonly conversationID: string, fetch?: typeof globalThis.fetch) {
    this.send = partSender(api, fetch);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly list = (): readonly Pending[] => this.items;

  /** What was uploaded and not sent before the screen was opened anew. */
  async restore(): Promise<void> {
    if (this.restored) return;
    this.restored = true;
    const { uploads } = await this.api.chat.uploads({ conversationId: this.conversationID });
    const known = new Set(this.items.map((item) => item.uploadID));
    this.put([...this.items, ...uploads.filter((upload) => !known.has(upload.id)).map((upload) => this.item({
      name: upload.name, size: Number(upload.size), received: Number(upload.received), uploadID: upload.id, partSize: upload.partSize,
      state: upload.received === upload.size ? "ready" : "cut",
    }))]);
  }

  /** A file of which an upload was cut goes on where it was. */
  add(files: readonly File[]): void {
    const fresh = files.filter((file) => {
      const cut = this.items.find((item) => item.state === "cut" && isSame(item.uploadID, file));
      if (cut) this.change(cut.key, { state: "queued", file });
      return !cut;
    });
    const room = Math.max(0, MOST_FILES - this.items.length);
    this.put([...this.items, ...fresh.slice(0, room).map((file) => this.item({ name: file.name, size: file.size, file }))]);
    this.work();
  }

  /** Gives an upload that was cut its file again. Another one takes its place and begins anew. */
  choose(key: string, file: File): void {
    const item = this.find(key);
    if (!item) return;
    if (!isSame(item.uploadID, file)) this.remove(key);
    this.add([file]);
  }

  remove(key: string): void {
    const found = this.find(key);
    if (!found) return;
    this.drop([found]);
    if (found.uploadID !== "") this.api.chat.cancelUpload({ uploadId: found.uploadID }).catch(() => {});
  }

  pause(key: string): void {
    const item = this.find(key);
    if (item?.state !== "queued" && item?.state !== "uploading") return;
    this.change(key, { state: "paused" });
    item.abort?.abort();
  }

  /** After a pause or a failure. */
  resume(key: string): void {
    this.change(key, { state: "queued", cause: null });
    this.work();
  }

  /** Waits until every file is on disk; gives their names for a message. Throws the cause of one that is not. */
  async ready(): Promise<{ keys: string[]; uploadIDs: string[] }> {
    for (const item of this.items) if (item.state === "paused") this.resume(item.key);
    while (this.items.some((item) => item.state === "queued" || item.state === "uploading")) {
      await new Promise<void>((done) => {
        const stop = this.subscribe(() => {
          stop();
          done();
        });
      });
    }
    const failed = this.items.find((item) => item.state === "failed");
    if (failed) throw failed.cause;
    return { keys: this.items.map((item) => item.key), uploadIDs: this.items.map((item) => item.uploadID) };
  }

  /** They are a message's now. */
  sent(keys: readonly string[]): void {
    this.drop(this.items.filter((item) => keys.includes(item.key)));
  }

  private item(init: Partial<Item> & Pick<Item, "name" | "size">): Item {
    return { key: String(this.count++), state: "queued", received: 0, renamed: false, preview: "", cause: null, file: null, uploadID: "", partSize: 0, abort: null, ...init };
  }

  private put(items: readonly Item[]): void {
    this.items = items;
    for (const listener of [...this.listeners]) listener();
  }

  private drop(gone: readonly Item[]): void {
    for (const item of gone) {
      item.abort?.abort();
      dropStamp(item.uploadID);
      if (item.preview !== "") URL.revokeObjectURL(item.preview);
    }
    this.put(this.items.filter((item) => !gone.includes(item)));
  }

  private change(key: string, change: Partial<Item>): void {
    this.put(this.items.map((item) => (item.key === key ? { ...item, ...change } : item)));
  }

  private find(key: string): Item | undefined {
    return this.items.find((item) => item.key === key);
  }

  private work(): void {
    while (this.working < ABREAST && this.items.some((item) => item.state === "queued")) {
      const { key } = this.items.find((item) => item.state === "queued")!;
      this.working++;
      const abort = new AbortController();
      this.change(key, { state: "uploading", abort });
      void this.upload(key, abort).catch((cause: unknown) => {
        // Whoever paused it does not want to read of a call that was broken off.
        if (!abort.signal.aborted) this.change(key, { state: "failed", cause });
      }).finally(() => {
        this.working--;
        this.work();
      });
    }
  }

  private async upload(key: string, abort: AbortController): Promise<void> {
    const { file, uploadID } = this.find(key)!;
    if (!file) return this.change(key, { state: "cut" });
    if (uploadID === "") await this.begin(key, file);
    for (let now = this.find(key); now?.abort === abort && !abort.signal.aborted && now.received < file.size; now = this.find(key)) {
      const received = await this.send(file, { uploadID: now.uploadID, from: now.received, partSize: now.partSize }, abort.signal);
      this.change(key, { received });
    }
    const now = this.find(key);
    if (now?.abort === abort && !abort.signal.aborted && now.received >= file.size) this.change(key, { state: "ready" });
  }

  private async begin(key: string, file: File): Promise<void> {
    const sides = await measure(file);
    if (isPicture(file) && isDrawable(sides)) this.change(key, { preview: URL.createObjectURL(file) });
    const upload = await this.api.chat.startUpload({
      conversationId: this.conversationID, name: file.name, mediaType: file.type, size: BigInt(file.size), ...sides,
    });
    const now = this.find(key);
    // It was removed meanwhile, or paused and resumed and begun a second time.
    if (!now || now.uploadID !== "") return void (await this.api.chat.cancelUpload({ uploadId: upload.id }));
    keepStamp(upload.id, file);
    const renamed = upload.name !== file.name.trim().normalize();
    this.change(key, { uploadID: upload.id, partSize: upload.partSize, received: Number(upload.received), name: upload.name, renamed });
  }
}

const all = new WeakMap<Api, Map<string, PendingFiles>>();

/** The files of a conversation; they outlive its page. */
export function pendingFiles(api: Api, conversationID: string, fetch?: typeof globalThis.fetch, thread = ""): PendingFiles {
  const known = all.get(api) ?? new Map<string, PendingFiles>();
  all.set(api, known);
  const found = known.get(conversationID + thread) ?? new PendingFiles(api, conversationID, fetch);
  known.set(conversationID + thread, found);
  return found;
}
