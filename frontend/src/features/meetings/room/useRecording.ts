import { useEffect, useRef } from "react";
import { SourceKind, type CallState } from "../../../api";
import { useCall, useRecorder } from "../context";
import type { Part } from "../media/composite";
import { usePersonNames } from "../words";
import { arrange, sourceKey } from "./arrange";

export interface Recording {
  readonly on: boolean;
  start(): void;
  stop(): void;
}

/** Records the call as everybody sees it, oneself and one's own screen too. */
export function useRecording(state: CallState): Recording {
  const { recorder, session, local } = useCall();
  const { phase } = useRecorder();
  const nameOf = usePersonNames(state);
  const newest = useRef({ state, nameOf });
  useEffect(() => {
    newest.current = { state, nameOf };
  });
  const part = (device: string, kind: SourceKind.CAMERA | SourceKind.SCREEN): Part => {
    const { state: now, nameOf: name } = newest.current;
    const person = now.participants.find((one) => one.deviceId === device);
    const own = device === now.selfId ? (kind === SourceKind.CAMERA ? local.read().camera : local.read().screen) : null;
    const shows = kind === SourceKind.SCREEN || (person?.camera ?? false);
    const stream = !shows ? null : device === now.selfId ? streamOf(own) : (session?.read().streams.get(sourceKey(device, kind)) ?? null);
    return { key: sourceKey(device, kind), name: person ? name(person) : "", stream };
  };
  return {
    on: phase === "on",
    start: () => void recorder.start(state.call!.id, {
      scene() {
        const { state: now } = newest.current;
        const own = now.participants.find((one) => one.deviceId === now.selfId);
        const { big, others } = arrange(now.participants, { self: now.selfId, view: "gallery", pinned: null, speaker: now.speakerId });
        const large = big ?? (own?.screen ? { device: now.selfId, kind: SourceKind.SCREEN as const } : null);
        return { big: large && part(large.device, large.kind), others: others.map(({ device, kind }) => part(device, kind)) };
      },
      sounds() {
        const { microphone, screenSound } = local.read();
        // A muted track is silent by itself.
        return [...(session?.sounds() ?? []), ...[microphone, screenSound].flatMap((track) => (track ? [streamOf(track)!] : []))];
      },
    }),
    stop: () => void recorder.stop(),
  };
}

const streams = new WeakMap<MediaStreamTrack, MediaStream>();

/** One stream for one track, always the same: it is looked up with every picture. */
function streamOf(track: MediaStreamTrack | null): MediaStream | null {
  if (!track) return null;
  let stream = streams.get(track);
  if (!stream) streams.set(track, (stream = new MediaStream([track])));
  return stream;
}
