import { problemOf, type Api, type Problem } from "../../../api";
import { audioContext } from "./level";
import { draw, type Scene } from "./composite";
import { Store } from "./store";

export interface RecorderView {
  readonly phase: "idle" | "on" | "saving" | "saved" | "failed";
  readonly path: string;
  readonly sinceMs: number;
  readonly problem: Problem | null;
}

const WIDTH = 1280;
const HEIGHT = 720;
const FPS = 15;
const SLICE_MS = 1000;
const TYPES = ["video/webm;codecs=vp8,opus", "video/webm"];

/** What is to be seen and heard at this moment. Asked again for every picture: people come and go. */
export interface Sources {
  scene(): Scene;
  sounds(): readonly MediaStream[];
}

/** Records what this page sees and hears, and hands it to the program every second: what was said before a crash is on the disk. */
export class Recorder extends Store<RecorderView> {
  private stopping: (() => Promise<void>) | null = null;

  constructor(private readonly api: Api) {
    super({ phase: "idle", path: "", sinceMs: 0, problem: null });
  }

  static isPossible(): boolean {
    return typeof MediaRecorder !== "undefined" && TYPES.some((type) => MediaRecorder.isTypeSupported(type));
  }

  async start(call: string, sources: Sources): Promise<void> {
    if (this.view.phase === "on") return;
    try {
      const recording = await this.api.calls.startRecording({ callId: call });
      this.set({ phase: "on", path: recording.path, sinceMs: Date.now(), problem: null });
      this.run(recording.recordingId, sources);
    } catch (cause) {
      this.set({ phase: "failed", problem: problemOf(cause) });
    }
  }

  async stop(): Promise<void> {
    await this.stopping?.();
  }

  forget(): void {
    if (this.view.phase !== "on") this.set({ phase: "idle", problem: null });
  }

  private run(id: string, sources: Sources): void {
    const canvas = document.createElement("canvas");
    canvas.width = WIDTH;
    canvas.height = HEIGHT;
    const context = canvas.getContext("2d", { alpha: false })!;
    // Not by frames of the screen: a window that is covered has none.
    const painting = setInterval(() => draw(context, sources.scene(), WIDTH, HEIGHT), 1000 / FPS);
    const mix = mixer(sources);
    const type = TYPES.find((candidate) => MediaRecorder.isTypeSupported(candidate))!;
    const recorder = new MediaRecorder(new MediaStream([...canvas.captureStream(FPS).getVideoTracks(), ...mix.tracks]), { mimeType: type, videoBitsPerSecond: 2_500_000 });
    // One after the other: the order of the parts is the file.
    let chain = Promise.resolve();
    recorder.ondataavailable = ({ data }) => {
      if (data.size === 0) return;
      chain = chain.then(async () => {
        const bytes = new Uint8Array(await data.arrayBuffer());
        const { path } = await this.api.calls.addRecording({ recordingId: id, data: bytes });
        this.set({ path });
      }).catch((cause: unknown) => {
        if (!this.view.problem) this.set({ problem: problemOf(cause) });
        if (recorder.state !== "inactive") recorder.stop();
      });
    };
    const ended = new Promise<void>((done) => {
      recorder.onstop = () => {
        clearInterval(painting);
        mix.close();
        this.stopping = null;
        this.set({ phase: "saving" });
        void chain.then(() => this.api.calls.endRecording({ recordingId: id })).then(
          ({ path }) => this.set(this.view.problem ? { phase: "failed" } : { phase: "saved", path }),
          (cause: unknown) => this.set({ phase: "failed", problem: this.view.problem ?? problemOf(cause) }),
        ).then(done);
      };
    });
    this.stopping = () => {
      if (recorder.state !== "inactive") recorder.stop();
      return ended;
    };
    recorder.start(SLICE_MS);
  }
}

/** All sounds in one track; who comes later is mixed in. */
function mixer(sources: Sources): { tracks: MediaStreamTrack[]; close(): void } {
  const context = audioContext();
  if (!context) return { tracks: [], close: () => {} };
  const target = context.createMediaStreamDestination();
  const inputs = new Map<MediaStream, MediaStreamAudioSourceNode>();
  const look = () => {
    const now = new Set(sources.sounds());
    for (const [stream, node] of inputs) {
      if (now.has(stream)) continue;
      node.disconnect();
      inputs.delete(stream);
    }
    for (const stream of now) {
      if (inputs.has(stream)) continue;
      const node = context.createMediaStreamSource(stream);
      node.connect(target);
      inputs.set(stream, node);
    }
  };
  look();
  const timer = setInterval(look, 500);
  return {
    tracks: target.stream.getAudioTracks(),
    close() {
      clearInterval(timer);
      for (const node of inputs.values()) node.disconnect();
      inputs.clear();
    },
  };
}
