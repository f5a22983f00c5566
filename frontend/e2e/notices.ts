import type { Desk } from "./desk";

// Notices of the system. A browser without windows has none and its pages always have the focus, so both are stood in for; what decides
// when one is made, and what it says, is the page's own.

interface Shown {
  readonly title: string;
  readonly body: string;
}

/** Loads the page anew with notices that are kept instead of shown; gives those that stand, the oldest first. */
export async function watchNotices({ page }: Desk): Promise<() => Promise<Shown[]>> {
  await page.addInitScript(() => {
    const standing = new Map<string, Notice>();
    class Notice {
      static readonly permission = "granted";
      static readonly requestPermission = () => Promise.resolve("granted");
      onclick: (() => void) | null = null;
      readonly body: string;
      private readonly tag: string;
      constructor(readonly title: string, { body = "", tag = "" }: NotificationOptions = {}) {
        this.body = body;
        this.tag = tag;
        standing.set(tag, this); // one of the same tag takes the place of the one before
      }
      close(): void {
        if (standing.get(this.tag) === this) standing.delete(this.tag);
      }
    }
    const notices = {
      all: () => [...standing.values()].map(({ title, body }) => ({ title, body })),
      press: (title: string) => [...standing.values()].find((notice) => notice.title === title)!.onclick!(),
      away: false,
    };
    Object.assign(window, { Notification: Notice, notices });
    document.hasFocus = () => !notices.away;
  });
  await page.reload();
  return () => page.evaluate("notices.all()");
}

/** Another window comes in front, or goes again. What is news from then on is known once the program has answered. */
export async function lookAway({ page }: Desk, away: boolean): Promise<void> {
  const answered = away ? page.waitForResponse(/NoticeService\/Fresh$/) : null;
  await page.evaluate(`{ notices.away = ${away}; window.dispatchEvent(new Event("${away ? "blur" : "focus"}")); }`);
  await answered;
}
