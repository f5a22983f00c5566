import { createContext, useContext, useSyncExternalStore } from "react";
import type { CallState, ControlRequest } from "../../api";
import type { LocalMedia } from "./media/local";
import type { Recorder } from "./media/recorder";
import type { CallSession } from "./media/session";

/** What we show of ourselves. */
export interface Self {
  readonly microphone: boolean;
  readonly camera: boolean;
  readonly screen: boolean;
  readonly screenSound: boolean;
  readonly hand: boolean;
}

export interface Beginning {
  readonly microphone: boolean;
  readonly camera: boolean;
}

/** The call that this page carries, and everything one can do in it. */
export interface CurrentCall {
  /** Null: this page is in none. An ended one stays until it is dismissed. */
  readonly state: CallState | null;
  readonly session: CallSession | null;
  readonly local: LocalMedia;
  readonly recorder: Recorder;
  start(conversation: string, video: boolean, planned: string, beginning: Beginning): Promise<CallState>;
  join(call: string, beginning: Beginning): Promise<CallState>;
  /** Takes sound and picture of a call that this device is in over from another window. */
  attach(call: string): void;
  leave(end: boolean): Promise<void>;
  dismiss(): void;
  setSelf(change: Partial<Self>): Promise<void>;
  control(deed: ControlRequest["deed"]): Promise<void>;
  react(emoji: string): Promise<void>;
  /** What went wrong last with a deed, for a line on the screen. */
  readonly trouble: unknown;
  forgetTrouble(): void;
}

export const CallContext = createContext<CurrentCall | null>(null);

export function useCall(): CurrentCall {
  const call = useContext(CallContext);
  if (!call) throw new Error("useCall outside CallProvider");
  return call;
}

export function useLocal() {
  const { local } = useCall();
  return useSyncExternalStore(local.subscribe, local.read);
}

export function useRecorder() {
  const { recorder } = useCall();
  return useSyncExternalStore(recorder.subscribe, recorder.read);
}

const nothing = { link: "connecting", streams: new Map<string, MediaStream>(), silenced: false } as const;
const never = () => () => {};

export function useSession() {
  const { session } = useCall();
  return useSyncExternalStore(session?.subscribe ?? never, session?.read ?? (() => nothing));
}
