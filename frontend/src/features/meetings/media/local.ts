import { mediaProblem, type MediaProblem } from "./problems";
import { Store } from "./store";

export type Source = "microphone" | "camera" | "screen";

export interface LocalView {
  readonly microphone: MediaStreamTrack | null;
  readonly camera: MediaStreamTrack | null;
  readonly screen: MediaStreamTrack | null;
  readonly screenSound: MediaStreamTrack | null;
  readonly problems: Readonly<Partial<Record<Source, MediaProblem>>>;
  readonly devices: readonly MediaDeviceInfo[];
  readonly chosen: Chosen;
}

/** "" is what the system prefers. */
export interface Chosen {
  readonly microphone: string;
  readonly camera: string;
  readonly speaker: string;
}

const KEY = "meetings.devices";

/** This computer's microphone, camera and screen, as they are open now. One for the whole app: the check before a call and the call use the same. */
export class LocalMedia extends Store<LocalView> {
  private following = false;

  constructor() {
    super({ microphone: null, camera: null, screen: null, screenSound: null, problems: {}, devices: [], chosen: readChosen() });
  }

  /** Opens the microphone unless it is open. Muting never closes it: the first word after would be lost. */
  async openMicrophone(): Promise<boolean> {
    return this.open("microphone", {
      audio: { ...exact(this.view.chosen.microphone), echoCancellation: true, noiseSuppression: true, autoGainControl: true },
    });
  }

  async openCamera(): Promise<boolean> {
    return this.open("camera", { video: { ...exact(this.view.chosen.camera), width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } } });
  }

  /** The light of the camera goes out. */
  closeCamera(): void {
    this.view.camera?.stop();
    this.set({ camera: null });
  }

  /** Must be called right from a press: browsers ask for one. Gives false when nothing was chosen. */
  async openScreen(): Promise<boolean> {
    this.closeScreen();
    try {
      const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 15, max: 30 } }, audio: true });
      const screen = stream.getVideoTracks()[0]!;
      // Letters stay sharp; it is movement that may stutter.
      screen.contentHint = "detail";
      screen.addEventListener("ended", () => this.view.screen === screen && this.closeScreen());
      this.set({ screen, screenSound: stream.getAudioTracks()[0] ?? null, problems: this.without("screen") });
      return true;
    } catch (cause) {
      // Who closes the question has no problem.
      const problem = mediaProblem(cause);
      this.set({ problems: problem === "denied" ? this.without("screen") : { ...this.view.problems, screen: problem } });
      return false;
    }
  }

  closeScreen(): void {
    this.view.screen?.stop();
    this.view.screenSound?.stop();
    if (this.view.screen || this.view.screenSound) this.set({ screen: null, screenSound: null });
  }

  async choose(kind: keyof Chosen, id: string): Promise<void> {
    const chosen = { ...this.view.chosen, [kind]: id };
    localStorage.setItem(KEY, JSON.stringify(chosen));
    this.set({ chosen });
    if (kind === "speaker" || !this.view[kind]) return;
    const enabled = this.view[kind].enabled;
    this.view[kind].stop();
    this.set({ [kind]: null });
    const opened = kind === "camera" ? await this.openCamera() : await this.openMicrophone();
    const track = this.view[kind];
    if (opened && track) track.enabled = enabled;
  }

  /** Looks what is plugged in, now and whenever that changes. */
  async look(): Promise<void> {
    if (!navigator.mediaDevices) return;
    if (!this.following) {
      this.following = true;
      navigator.mediaDevices.addEventListener("devicechange", () => void this.look());
    }
    const devices = await navigator.mediaDevices.enumerateDevices().catch(() => []);
    this.set({ devices: devices.filter((device) => device.deviceId !== "") });
  }

  closeAll(): void {
    this.view.microphone?.stop();
    this.closeCamera();
    this.closeScreen();
    this.set({ microphone: null, problems: {} });
  }

  private async open(kind: "microphone" | "camera", wanted: MediaStreamConstraints): Promise<boolean> {
    if (this.view[kind]?.readyState === "live") return true;
    if (!navigator.mediaDevices) return this.fails(kind, "unsupported");
    try {
      const track = (await this.ask(kind, wanted)).getTracks()[0]!;
      // Somebody pressed twice.
      this.view[kind]?.stop();
      track.addEventListener("ended", () => {
        if (this.view[kind] !== track) return;
        this.set({ [kind]: null, problems: { ...this.view.problems, [kind]: "absent" } });
      });
      this.set({ [kind]: track, problems: this.without(kind) });
      void this.look();
      return true;
    } catch (cause) {
      void this.look();
      return this.fails(kind, mediaProblem(cause));
    }
  }

  /** A device that was chosen once and is unplugged now gives way to what the system prefers. */
  private async ask(kind: "microphone" | "camera", wanted: MediaStreamConstraints): Promise<MediaStream> {
    try {
      return await navigator.mediaDevices.getUserMedia(wanted);
    } catch (cause) {
      if (this.view.chosen[kind] === "" || mediaProblem(cause) !== "absent") throw cause;
      this.set({ chosen: { ...this.view.chosen, [kind]: "" } });
      const { deviceId: _, ...rest } = (wanted.audio ?? wanted.video) as MediaTrackConstraints;
      return navigator.mediaDevices.getUserMedia(wanted.audio ? { audio: rest } : { video: rest });
    }
  }

  private fails(kind: Source, problem: MediaProblem): false {
    this.set({ problems: { ...this.view.problems, [kind]: problem } });
    return false;
  }

  private without(kind: Source) {
    const { [kind]: _, ...rest } = this.view.problems;
    return rest;
  }
}

function exact(id: string): MediaTrackConstraints {
  return id === "" ? {} : { deviceId: { exact: id } };
}

function readChosen(): Chosen {
  const none = { microphone: "", camera: "", speaker: "" };
  try {
    return { ...none, ...(JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Chosen>) };
  } catch {
    return none;
  }
}
