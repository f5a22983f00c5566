import { createContext, use } from "react";
import type { Message } from "../../api";

/** A place on the screen, for what opens there. */
export interface At {
  getBoundingClientRect(): DOMRect;
}

/** What can be done with a message where it stands. The same object for as long as the conversation is shown. */
export interface Deeds {
  reply(message: Message): void;
  edit(message: Message): void;
  /** Asks first. */
  recall(message: Message): void;
  react(message: Message, emoji: string, on: boolean): void;
  pin(message: Message, on: boolean): void;
  /** asOne: all of them in one message. */
  forward(messages: readonly Message[], asOne?: boolean): void;
  /** The thread in which the messages stand, "" in a conversation. */
  readonly thread: string;
  /** Opens the thread of a message, or a thread by its ID. */
  openThread(id: string): void;
  copy(messages: readonly Message[]): void;
  select(message: Message): void;
  /** Shows a message, wherever it is. */
  jump(id: string): void;
  /** `by` are the deeds of the place where the message stands, when they are not these. */
  openMenu(message: Message, at: At, back: HTMLElement | null, by?: Deeds): void;
  openEmoji(message: Message, at: HTMLElement): void;
  openReactions(message: Message): void;
  /** Puts the text of a recalled message back into the composer. */
  writeAnew(text: string): void;
}

export const DeedsContext = createContext<Deeds | null>(null);

/** Null where messages are only looked at. */
export const useDeeds = () => use(DeedsContext);

/** IDs of the messages that are chosen; null while nothing is being chosen. */
export const SelectionContext = createContext<ReadonlySet<string> | null>(null);
export const useSelection = () => use(SelectionContext);
