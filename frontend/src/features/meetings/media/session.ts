import { problemOf, SourceKind, type Api, type CallState } from "../../../api";
import { sourceKey } from "../room/arrange";
import { addReceivers, addScreen, limit, offerOf, openConnection, sendingOf, type Senders } from "./connection";
import type { LocalMedia } from "./local";
import { cameraEncodings, screenEncoding } from "./sending";
import { sameSlots, slotMap } from "./slots";
import { Speakers } from "./speakers";
import { Store } from "./store";
import { Wants } from "./wants";

export interface SessionView {
  readonly link: "connecting" | "connected" | "failed";
  /** What arrives, by source: see sourceKey. */
  readonly streams: ReadonlyMap<string, MediaStream>;
  /** The browser plays nothing before somebody presses something. */
  readonly silenced: boolean;
}

const FIRST_WAIT_MS = 300;
const LONGEST_WAIT_MS = 5_000;
/** A connection that only pauses comes back by itself. */
const PATIENCE_MS = 3_000;

/** The sound and the pictures of one call, between this page and the engine of its device. */
export class CallSession extends Store<SessionView> {
  readonly wants: Wants;
  private readonly speakers: Speakers;
  private pc: RTCPeerConnection | null = null;
  private senders: Senders | null = null;
  private state: CallState | null = null;
  private serial = 0n;
  private busy = false;
  private again = false;
  private restart: boolean;
  private wait = FIRST_WAIT_MS;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private closed = false;
  private readonly unfollow: () => void;

  /** With `returning` the page was in this call before, and the engine has a connection of it that is gone. */
  constructor(private readonly api: Api, readonly call: string, private readonly local: LocalMedia, returning: boolean) {
    super({ link: "connecting", streams: new Map(), silenced: false });
    this.restart = returning;
    this.wants = new Wants((wants) => void api.calls.setWants({ callId: call, wants }).catch(() => this.wants.again()));
    this.speakers = new Speakers((silenced) => silenced !== this.view.silenced && this.set({ silenced }));
    this.unfollow = local.subscribe(() => this.onLocal());
  }

  /** Takes what the program says of the call. */
  update(state: CallState): void {
    if (this.closed) return;
    const before = this.state;
    this.state = state;
    if (!this.pc || state.offerSerial > this.serial) this.negotiate();
    if (!before || !sameSlots(before.slots, state.slots)) this.place();
    if (JSON.stringify(before?.sending) !== JSON.stringify(state.sending)) this.limit();
  }

  /** After a press: sound that the browser held back. */
  unsilence(): void {
    this.speakers.play();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.unfollow();
    this.wants.close();
    this.speakers.close();
    this.pc?.close();
    this.pc = null;
  }

  /** Everything that is heard, for a recording. */
  sounds(): MediaStream[] {
    return [...this.view.streams].filter(([key]) => isSound(key)).map(([, stream]) => stream);
  }

  private negotiate(): void {
    if (this.busy) {
      this.again = true;
      return;
    }
    this.busy = true;
    this.again = false;
    clearTimeout(this.timer);
    void this.offer().then(
      () => {
        this.wait = FIRST_WAIT_MS;
      },
      (cause: unknown) => {
        if (this.closed || problemOf(cause).code === "not_found") return;
        // What was half said is no ground for more: the next one begins anew.
        this.restart = true;
        this.timer = setTimeout(() => this.negotiate(), this.wait);
        this.wait = Math.min(this.wait * 2, LONGEST_WAIT_MS);
      },
    ).finally(() => {
      this.busy = false;
      if (this.again && !this.closed) this.negotiate();
    });
  }

  private async offer(): Promise<void> {
    const { restart } = this;
    if (!this.pc || restart) this.open();
    const pc = this.pc!;
    const senders = this.senders!;
    if (this.local.read().screen) addScreen(pc, senders);
    addReceivers(pc, this.state?.wantAudio ?? 0, this.state?.wantVideo ?? 0);
    await this.fill();
    const offer = await offerOf(pc);
    const answer = await this.api.calls.negotiate({ callId: this.call, offer, sending: sendingOf(senders), restart });
    if (this.closed || pc !== this.pc) return;
    await pc.setRemoteDescription({ type: "answer", sdp: answer.answer });
    this.restart = false;
    this.serial = answer.offerSerial;
    if (restart) this.wants.again();
    this.place();
    this.limit();
  }

  private open(): void {
    this.pc?.close();
    const { pc, senders } = openConnection();
    this.pc = pc;
    this.senders = senders;
    let patience: ReturnType<typeof setTimeout> | undefined;
    pc.addEventListener("connectionstatechange", () => {
      if (pc !== this.pc || this.closed) return;
      clearTimeout(patience);
      const { connectionState } = pc;
      if (connectionState === "connected") this.set({ link: "connected" });
      else if (connectionState === "disconnected") patience = setTimeout(() => pc === this.pc && pc.connectionState === "disconnected" && this.fail(), PATIENCE_MS);
      else if (connectionState === "failed") this.fail();
    });
  }

  private fail(): void {
    if (this.closed) return;
    this.set({ link: "failed" });
    this.restart = true;
    this.negotiate();
  }

  private onLocal(): void {
    if (this.closed) return;
    void this.fill().catch(() => {});
    // The first time that a screen is shared the engine has to hear of it; later it is there already.
    if (this.local.read().screen && this.senders && !this.senders.screen) this.negotiate();
  }

  /** Puts what this computer gives into what is sent. No new offer is needed for it. */
  private async fill(): Promise<void> {
    const { senders } = this;
    if (!senders) return;
    const { microphone, camera, screen, screenSound } = this.local.read();
    const put = async (where: RTCRtpTransceiver | null, track: MediaStreamTrack | null) => {
      if (where && where.sender.track !== track) await where.sender.replaceTrack(track);
    };
    await Promise.all([put(senders.microphone, microphone), put(senders.camera, camera), put(senders.screen, screen), put(senders.screenSound, screenSound)]);
  }

  /** Gives each source the receiver that carries it now. */
  private place(): void {
    if (!this.pc || !this.state) return;
    const tracks = new Map(this.pc.getTransceivers().flatMap((one) => (one.mid !== null && one.direction === "recvonly" ? [[one.mid, one.receiver.track] as const] : [])));
    const before = this.view.streams;
    const streams = new Map<string, MediaStream>();
    for (const [key, mid] of slotMap(this.state.slots, this.state.selfId)) {
      const track = tracks.get(mid);
      if (!track) continue;
      const known = before.get(key);
      // The same stream object as long as nothing changed: a picture that is set anew flickers.
      streams.set(key, known?.getTracks()[0] === track ? known : new MediaStream([track]));
    }
    const same = streams.size === before.size && [...streams].every(([key, stream]) => before.get(key) === stream);
    if (same) return;
    this.set({ streams });
    this.speakers.show(new Map([...streams].filter(([key]) => isSound(key))), this.local.read().chosen.speaker);
  }

  /** Where sound goes changed. */
  speaker(id: string): void {
    this.speakers.turnTo(id);
  }

  private limit(): void {
    const { senders, state } = this;
    if (!senders || !state) return;
    const layers = new Map(cameraEncodings(state.sending).map(({ rid, ...rest }) => [rid, rest]));
    void limit(senders.camera.sender, (encoding) => layers.get(encoding.rid ?? "") ?? {});
    if (senders.screen) void limit(senders.screen.sender, () => screenEncoding(state.sending));
  }
}

const SOUNDS = [SourceKind.MICROPHONE, SourceKind.SCREEN_SOUND];

function isSound(key: string): boolean {
  return SOUNDS.some((kind) => key.endsWith(sourceKey("", kind)));
}
