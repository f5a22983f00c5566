import type { Api, Message } from "../../api";
import type { MentionOf } from "../../lib/mentions";
import { takeOver } from "./takeOver";

/** What stands in a field and was not sent. */
export interface Unsent {
  readonly text: string;
  readonly reply: string;
  readonly mentions: readonly MentionOf[];
}

export interface Left {
  readonly text: string;
  readonly reply: Message | undefined;
  readonly mentions: readonly MentionOf[];
}

const NOTHING: Unsent = { text: "", reply: "", mentions: [] };
/** So long after the last key the program is told; of who types on, every so often. */
const REST_MS = 400;
const MOST_MS = 1500;

/** Keeps what is written in one field with the program: soon after it changed, one call at a time, the newest words last. */
export class Keeper {
  private kept = NOTHING;
  private wanted = NOTHING;
  /** What was written before it was known what had been left, in the field that is open and in one that was closed by then. */
  private early = NOTHING;
  private orphan = NOTHING;
  private loaded = false;
  private busy: Promise<void> | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private since = 0;

  constructor(private readonly api: Api, private readonly conversationId: string, private readonly threadId: string) {}

  /** What was left here. Nothing is kept before it has come, so that it is not written over. */
  async load(): Promise<Left> {
    this.loaded = false;
    await this.settle();
    await takeOver(this.api);
    const { text, reply, mentions } = await this.api.drafts.show({ conversationId: this.conversationId, threadId: this.threadId });
    const people = mentions.map(({ personId, label }) => ({ personId, label }));
    const kept = { text, reply: reply?.id ?? "", mentions: people };
    const { orphan } = this;
    this.kept = kept;
    this.early = this.orphan = NOTHING;
    this.loaded = true;
    if (orphan.text === "") return { ...kept, reply };
    this.wanted = { text: text === "" ? orphan.text : `${text}\n${orphan.text}`, reply: kept.reply || orphan.reply, mentions: [...people, ...orphan.mentions] };
    void this.flush();
    return { ...this.wanted, reply };
  }

  /** The field is closed. What was written in it before it was known what had been left joins that. */
  leave(): void {
    if (!this.loaded && this.early.text.trim() !== "") this.orphan = this.early;
    this.early = NOTHING;
    void this.flush();
  }

  change(now: Unsent): void {
    if (!this.loaded) return void (this.early = now);
    this.wanted = now;
    if (same(this.kept, now) && !this.busy) return this.stop();
    const at = Date.now();
    if (this.timer === undefined) this.since = at;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.flush(), Math.max(0, Math.min(REST_MS, this.since + MOST_MS - at)));
  }

  /** Keeps what there is now. */
  flush(): Promise<void> {
    this.stop();
    if (this.busy) return this.busy.then(() => this.flush());
    const now = this.wanted;
    if (!this.loaded || same(this.kept, now)) return Promise.resolve();
    // The program is away, or the disk is full: the next key tries again.
    this.busy = this.api.drafts.keep({ conversationId: this.conversationId, threadId: this.threadId, text: now.text, replyToId: now.reply, mentions: [...now.mentions] })
      .then(() => void (this.kept = now), () => {})
      .finally(() => void (this.busy = null));
    return this.busy;
  }

  /** Waits for what is on its way and begins nothing: a message takes its draft along by itself. */
  async settle(): Promise<void> {
    this.stop();
    await this.busy;
  }

  private stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}

const same = (a: Unsent, b: Unsent): boolean => a.text === b.text && a.reply === b.reply && (a.mentions === b.mentions || JSON.stringify(a.mentions) === JSON.stringify(b.mentions));

const all = new WeakMap<Api, Map<string, Keeper>>();

/** The keeper of a field; it outlives its page, so that what is on its way when one leaves is waited for when one comes back. */
export function keeperOf(api: Api, conversation: string, thread: string): Keeper {
  const known = all.get(api) ?? new Map<string, Keeper>();
  all.set(api, known);
  const found = known.get(`${conversation} ${thread}`) ?? new Keeper(api, conversation, thread);
  known.set(`${conversation} ${thread}`, found);
  return found;
}
