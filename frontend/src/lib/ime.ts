// Enter confirms a candidate of an input method far more often than it sends. Three signs tell the difference:
//   isComposing         what the standard says; Chromium and Firefox set it
//   keyCode 229         what older webviews say instead
//   compositionend just before the keydown of the same press: Safari and WKWebView end the composition first
// The third sign is dropped at the next keyup, so that the very next Enter sends.

/** Longest time between compositionend and the keydown that ended it, in Safari's order. */
const SAME_PRESS_MS = 100;

export interface KeyPress {
  readonly key: string;
  readonly keyCode: number;
  readonly isComposing: boolean;
  readonly timeStamp: number;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

export type EnterMeaning = "send" | "newline" | "nothing";

export class ImeGuard {
  private composing = false;
  private endedAt = Number.NEGATIVE_INFINITY;

  compositionStart(): void {
    this.composing = true;
    this.endedAt = Number.NEGATIVE_INFINITY;
  }

  compositionEnd(timeStamp: number): void {
    this.composing = false;
    this.endedAt = timeStamp;
  }

  keyUp(): void {
    this.endedAt = Number.NEGATIVE_INFINITY;
  }

  /** Whether this press belongs to the input method. */
  owns(press: Pick<KeyPress, "isComposing" | "keyCode" | "timeStamp">): boolean {
    if (this.composing || press.isComposing || press.keyCode === 229) return true;
    return press.timeStamp - this.endedAt < SAME_PRESS_MS;
  }

  meaning(press: KeyPress, enterSends: boolean): EnterMeaning {
    if (press.key !== "Enter" || this.owns(press)) return "nothing";
    if (press.ctrlKey || press.metaKey) return "send";
    if (press.altKey) return "newline";
    return press.shiftKey === enterSends ? "newline" : "send";
  }
}
