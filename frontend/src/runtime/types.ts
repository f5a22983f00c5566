/** What a shell (the desktop window, a browser, a test) gives to the screen. Nothing else knows in which shell it runs. */
export interface Runtime {
  /** Gets ready to call. Never throws: a call that is not allowed answers 401 by itself. */
  start(): Promise<void>;
  /** Calls the program, base path "/api", or reads a file of it. */
  readonly fetch: typeof globalThis.fetch;
  /** Whether a link can hand a file to the person; else the program saves it itself. */
  readonly canDownload: boolean;
  /** Whether the program can open files in front of this person: its window stands on the same desktop. */
  readonly hasDesktop: boolean;
  /** Tells which topics changed; ALL after changes may have been missed. Returns the end of listening. */
  onChanged(listener: (topics: readonly string[]) => void): () => void;
  /** Opens an address in the person's browser. */
  openLink(url: string): void;
  copyText(text: string): Promise<void>;
  /** Whether a person can be looking at this window now. */
  isWatched(): boolean;
  onWatched(listener: (watched: boolean) => void): () => void;
  /** Unread messages, for the title. */
  showUnread(count: number): void;
  readonly notices: Notices;
}

/** Whether the system shows notices of this program. "unasked": the person was not asked yet, or said nothing. */
export type Consent = "granted" | "denied" | "unasked" | "unsupported";

export interface Notice {
  /** Another one of the same name takes its place. */
  readonly id: string;
  readonly title: string;
  readonly text: string;
  /** It goes by itself after a while, where the system lets it; others stay until they are pressed. */
  readonly passing?: boolean;
}

/** What the system shows beside the window, for what cannot wait until somebody looks. */
export interface Notices {
  consent(): Promise<Consent>;
  /** Asks the person. From a press only: browsers refuse anything else. */
  ask(): Promise<Consent>;
  /** Does nothing without consent. Pressing it brings the window to the front. */
  show(notice: Notice): void;
  hide(id: string): void;
  /** Tells which notice was pressed. Returns the end of listening. */
  onPressed(listener: (id: string) => void): () => void;
}

/** Everything may have changed. */
export const ALL = "*";
