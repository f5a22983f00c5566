import { ConnectError } from "@connectrpc/connect";
import type { Api } from "../../api";
import { isPicture, measure } from "../../lib/picture";

/** A file beside the composer: chosen, on its way to the program's disk, or there. */
export interface Pending {
  readonly key: string;
  readonly name: string;
  readonly size: number;
  readonly state: "queued" | "uploading" | "ready" | "failed";
  readonly received: number;
  /** Of a picture that can be looked at here. */
  readonly preview: string;
  readonly cause: unknown;
}

interface Item extends Pending {
  readonly file: File | null;
  uploadID: string;
  partSize: number;
  removed: boolean;
}

const TRIES = 3;
export const MOST_FILES = 20;

/** The files of one conversation's next message. They are uploaded one after the other, also while another conversation is open. */
export class PendingFiles {
  private items: readonly Item[] = [];
  private listeners = new Set<() => void>();
  private working = false;
  private restored = false;
  private count = 0;

  constructor(private readonly api: Api, private readonly conversationID: string) {}

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
    const whole = uploads.filter((upload) => upload.received === upload.size && !known.has(upload.id));
    this.put([...this.items, ...whole.map((upload) => this.item({
      name: upload.name, size: Number(upload.size), state: "ready", received: Number(upload.size), uploadID: upload.id,
    }))]);
  }

  add(files: readonly File[]): void {
    const room = Math.max(0, MOST_FILES - this.items.length);
    this.put([...this.items, ...files.slice(0, room).map((file) => this.item({
      name: file.name, size: file.size, file, preview: isPicture(file) ? URL.createObjectURL(file) : "",
    }))]);
    void this.work();
  }

  remove(key: string): void {
    const found = this.items.find((item) => item.key === key);
    if (!found) return;
    this.drop([found]);
    if (found.uploadID !== "") this.api.chat.cancelUpload({ uploadId: found.uploadID }).catch(() => {});
  }

  retry(key: string): void {
    this.change(key, { state: "queued", cause: null });
    void this.work();
  }

  /** Waits until every file is on disk; gives their names for a message. Throws the cause of one that is not. */
  async ready(): Promise<{ keys: string[]; uploadIDs: string[] }> {
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
    return { key: String(this.count++), state: "queued", received: 0, preview: "", cause: null, file: null, uploadID: "", partSize: 0, removed: false, ...init };
  }

  private put(items: readonly Item[]): void {
    this.items = items;
    for (const listener of [...this.listeners]) listener();
  }

  private drop(gone: readonly Item[]): void {
    for (const item of gone) {
      item.removed = true;
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

  private async work(): Promise<void> {
    if (this.working) return;
    this.working = true;
    for (let next = this.queued(); next; next = this.queued()) {
      try {
        await this.upload(next.key);
      } catch (cause) {
        this.change(next.key, { state: "failed", cause });
      }
    }
    this.working = false;
  }

  private queued(): Item | undefined {
    return this.items.find((item) => item.state === "queued");
  }

  private async upload(key: string): Promise<void> {
    const { file, uploadID } = this.find(key)!;
    if (!file) return;
    this.change(key, { state: "uploading" });
    if (uploadID === "") {
      const { width, height } = await measure(file);
      const upload = await this.api.chat.startUpload({
        conversationId: this.conversationID, name: file.name, mediaType: file.type, size: BigInt(file.size), width, height,
      });
      if (!this.find(key)) return void (await this.api.chat.cancelUpload({ uploadId: upload.id }));
      this.change(key, { uploadID: upload.id, partSize: upload.partSize, received: Number(upload.received) });
    }
    for (let now = this.find(key); now && now.received < file.size; now = this.find(key)) {
      const data = new Uint8Array(await file.slice(now.received, now.received + now.partSize).arrayBuffer());
      const upload = await this.part(now, data);
      this.change(key, { received: Number(upload.received) });
    }
    if (this.find(key)) this.change(key, { state: "ready" });
  }

  /** The same part may be sent again: it is taken once. What the program refuses for a reason is not tried again. */
  private async part(item: Item, data: Uint8Array) {
    for (let tries = 1; ; tries++) {
      try {
        return await this.api.chat.uploadPart({ uploadId: item.uploadID, offset: BigInt(item.received), data });
      } catch (cause) {
        if (tries === TRIES || ConnectError.from(cause).details.length > 0) throw cause;
        await new Promise((done) => setTimeout(done, 500 * tries));
      }
    }
  }
}

const all = new WeakMap<Api, Map<string, PendingFiles>>();

/** The files of a conversation; they outlive its page. */
export function pendingFiles(api: Api, conversationID: string): PendingFiles {
  const known = all.get(api) ?? new Map<string, PendingFiles>();
  all.set(api, known);
  const found = known.get(conversationID) ?? new PendingFiles(api, conversationID);
  known.set(conversationID, found);
  return found;
}
