import { create } from "@bufbuild/protobuf";
import { CallSlotSchema, SourceKind, type CallParticipant, type CallSlot } from "../../api/gen/roundtable/v1/calls_pb";
import { paintFace, paintScreen } from "./faces";

const PAINT_MS = 200;
const SIZE = { width: 480, height: 270 };

interface Painted {
  readonly track: MediaStreamTrack;
  readonly paint: (at: number) => void;
}

/** The other end of the page's connection, in the same page: it answers offers, and what it sends is painted. */
export class FakeEngine {
  private pc: RTCPeerConnection | null = null;
  private mids: { audio: string[]; video: string[] } = { audio: [], video: [] };
  private readonly painted = new Map<string, Painted>();
  private timer: ReturnType<typeof setInterval> | undefined;

  /** Undefined where there are no connections at all, as under a test runner, and when the call ended meanwhile. */
  async answer(offer: string): Promise<string | undefined> {
    if (typeof RTCPeerConnection === "undefined") return undefined;
    const known = this.pc?.remoteDescription ? sameConnection(this.pc.remoteDescription.sdp, offer) : false;
    if (!known) {
      this.pc?.close();
      this.pc = new RTCPeerConnection();
    }
    const pc = this.pc!;
    try {
      return await this.answerOn(pc, offer);
    } catch (cause) {
      // The call ended meanwhile.
      if (pc !== this.pc) return undefined;
      throw cause;
    }
  }

  private async answerOn(pc: RTCPeerConnection, offer: string): Promise<string> {
    await pc.setRemoteDescription({ type: "offer", sdp: offer });
    const wanted = wantedMids(offer);
    this.mids = wanted;
    // What the page sends is not taken: nobody here looks at it, and to pack one's own picture in three sizes is most of what a call costs.
    for (const one of pc.getTransceivers()) one.direction = one.mid && [...wanted.audio, ...wanted.video].includes(one.mid) ? "sendonly" : "inactive";
    await pc.setLocalDescription(await pc.createAnswer());
    if (pc.iceGatheringState !== "complete") {
      await new Promise<void>((done) => {
        setTimeout(done, 500);
        pc.addEventListener("icegatheringstatechange", () => pc.iceGatheringState === "complete" && done());
      });
    }
    return pc.localDescription!.sdp;
  }

  /** Puts everybody's picture into a slot. */
  place(others: readonly CallParticipant[]): CallSlot[] {
    const pc = this.pc;
    if (!pc) return [];
    const slots: CallSlot[] = [];
    const video = [...this.mids.video];
    const audio = [...this.mids.audio];
    const put = (mid: string | undefined, deviceId: string, kind: SourceKind, track: MediaStreamTrack | null) => {
      if (mid === undefined) return;
      const sender = pc.getTransceivers().find((one) => one.mid === mid)?.sender;
      if (sender && sender.track !== track) void sender.replaceTrack(track).catch(() => {});
      slots.push(create(CallSlotSchema, { mid, deviceId, kind }));
    };
    for (const one of others) {
      put(audio.shift(), one.deviceId, SourceKind.MICROPHONE, null);
      if (one.screen) put(video.shift(), one.deviceId, SourceKind.SCREEN, this.source(`${one.deviceId}/screen`, (context, at) => paintScreen(context, at)));
      if (one.camera) put(video.shift(), one.deviceId, SourceKind.CAMERA, this.source(one.deviceId, (context, at) => paintFace(context, one.deviceId, at)));
    }
    return slots;
  }

  close(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.pc?.close();
    this.pc = null;
    for (const { track } of this.painted.values()) track.stop();
    this.painted.clear();
    this.mids = { audio: [], video: [] };
  }

  private source(key: string, paint: (context: CanvasRenderingContext2D, at: number) => void): MediaStreamTrack {
    let found = this.painted.get(key);
    if (!found) {
      const canvas = Object.assign(document.createElement("canvas"), key.endsWith("/screen") ? { width: 1280, height: 720 } : SIZE);
      const context = canvas.getContext("2d", { alpha: false })!;
      found = { track: canvas.captureStream(1000 / PAINT_MS).getVideoTracks()[0]!, paint: (at) => paint(context, at) };
      found.paint(0);
      this.painted.set(key, found);
      this.timer ??= setInterval(() => {
        for (const one of this.painted.values()) one.paint(performance.now());
      }, PAINT_MS);
    }
    return found.track;
  }
}

/** The page only receives there. */
function wantedMids(sdp: string): { audio: string[]; video: string[] } {
  const found = { audio: [] as string[], video: [] as string[] };
  for (const part of sdp.split(/\r\nm=/).slice(1)) {
    const kind = part.startsWith("audio") ? "audio" : part.startsWith("video") ? "video" : null;
    const mid = /\r\na=mid:(\S+)/.exec(part)?.[1];
    if (kind && mid !== undefined && /\r\na=recvonly/.test(part)) found[kind].push(mid);
  }
  return found;
}

/** A page that was loaded again comes with another session. */
function sameConnection(a: string, b: string): boolean {
  const session = (sdp: string) => /\r\no=\S+ (\d+)/.exec(sdp)?.[1];
  return session(a) === session(b);
}
