import type { FreshResponse, MessageNotice } from "../../api";

/** More conversations than this are told as one. */
const MOST = 3;

interface Shell {
  fresh(cursor: string): Promise<Pick<FreshResponse, "cursor" | "notices">>;
  /** Whether the person wants notices now. */
  wanted(): boolean;
  isWatched(): boolean;
  show(id: string, notice: MessageNotice): void;
  /** Several conversations in one. */
  showAll(id: string, all: readonly MessageNotice[]): void;
  hide(id: string): void;
}

const ALL = "messages";
export const noticeID = (conversation: string) => `message:${conversation}`;

/** Tells of what came while nobody looked: once, and of each conversation the latest alone. */
export class NoticeTeller {
  private cursor = "";
  private busy = false;
  private again = false;
  private readonly told = new Map<string, MessageNotice>();
  /** Where notices lead; one that is pressed brings the window to the front first, so they outlive being hidden. */
  private readonly places = new Map<string, MessageNotice>();

  constructor(private readonly shell: Shell) {}

  /** Something came, or the window is looked at no more. */
  readonly look = async (): Promise<void> => {
    if (this.shell.isWatched()) return;
    this.again = this.busy;
    if (this.busy) return;
    this.busy = true;
    try {
      const { cursor, notices } = await this.shell.fresh(this.cursor);
      this.cursor = cursor;
      if (!this.shell.isWatched() && this.shell.wanted()) this.tell(notices);
    } catch {
      // The program is gone or busy; what came is counted in the list.
    } finally {
      this.busy = false;
    }
    if (this.again) await this.look();
  };

  /** The window is looked at: nothing is left to tell, and what was there is no news the next time. */
  readonly watched = (): void => {
    this.cursor = "";
    for (const conversation of this.told.keys()) this.shell.hide(noticeID(conversation));
    this.shell.hide(ALL);
    this.told.clear();
  };

  /** A message is told of in another way. */
  readonly drop = (conversation: string, message: string): void => {
    if (this.told.get(conversation)?.message?.id !== message) return;
    this.told.delete(conversation);
    this.shell.hide(noticeID(conversation));
  };

  /** Where a notice leads: to a message, to the list (null), or it is none of ours. */
  readonly placeOf = (id: string): MessageNotice | null | undefined => (id === ALL ? null : this.places.get(id));

  private tell(notices: readonly MessageNotice[]): void {
    for (const notice of notices) {
      const before = this.told.get(notice.conversationId);
      const keeps = before?.message?.mentionsMe && !notice.message?.mentionsMe;
      const next = { ...(keeps ? before : notice), count: (before?.count ?? 0) + notice.count };
      this.told.delete(notice.conversationId);
      this.told.set(notice.conversationId, next);
      this.places.set(noticeID(notice.conversationId), next);
    }
    if (notices.length === 0) return;
    if (this.told.size > MOST) {
      for (const conversation of this.told.keys()) this.shell.hide(noticeID(conversation));
      this.shell.showAll(ALL, [...this.told.values()]);
      return;
    }
    for (const { conversationId } of notices) this.shell.show(noticeID(conversationId), this.told.get(conversationId)!);
  }
}
