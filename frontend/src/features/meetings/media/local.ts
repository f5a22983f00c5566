import type { Backdrop } from "./backdrop/backdrop";
import { mediaProblem, type MediaProblem } from "./problems";
import { Store } from "./store";

export type Source = "microphone" | "camera" | "screen";
type Device = "microphone" | "camera";

/** A device that was unplugged, and the one that is used instead. */
export interface Replaced {
  readonly kind: Device;
  /** The system's name of the other one; may be empty. */
  readonly by: string;
}

export interface LocalView {
  readonly microphone: MediaStreamTrack | null;
  /** As others see it: with the background blurred, if that is wanted. */
  readonly camera: MediaStreamTrack | null;
  readonly screen: MediaStreamTrack | null;
  readonly screenSound: MediaStreamTrack | null;
  readonly problems: Readonly<Partial<Record<Source, MediaProblem>>>;
  readonly devices: readonly MediaDeviceInfo[];
  readonly chosen: Chosen;
  readonly replaced: Replaced | null;
  /** Whether the background is to be blurred, and whether that is being got ready. */
  readonly blur: boolean;
  readonly blurring: boolean;
}

/** "" is what the system prefers. */
export interface Chosen {
  readonly microphone: string;
  readonly camera: string;
  readonly speaker: string;
}

const KEY = "meetings.devices";
const BLUR_KEY = "meetings.blur";
const KINDS = { microphone: "audioinput", camera: "videoinput" } as const;

/** This computer's microphone, camera and screen, as they are open now. One for the whole app: the check before a call and the call use the same. */
export class LocalMedia extends Store<LocalView> {
  private following = false;
  /** The camera itself, below what is shown of it. */
  private raw: MediaStreamTrack | null = null;
  private backdrop: Backdrop | null = null;
  /** Grows with every wish about the camera: what was begun for an older one is dropped when it is done. */
  private wish = 0;
  /** How many devices give way to another one now, and who waits for that. */
  private exchanges = 0;
  private resting: (() => void)[] = [];

  constructor() {
    super({
      microphone: null, camera: null, screen: null, screenSound: null, problems: {}, devices: [], chosen: readChosen(), replaced: null, blur: stored(BLUR_KEY) === "on", blurring: false,
    });
  }

  /** Opens the microphone unless it is open. Muting never closes it: the first word after would be lost. */
  async openMicrophone(): Promise<boolean> {
    if (this.view.microphone?.readyState === "live") return true;
    const track = await this.open("microphone", {
      audio: { ...exact(this.view.chosen.microphone), echoCancellation: true, noiseSuppression: true, autoGainControl: true },
    });
    if (!track) return false;
    // Somebody pressed twice.
    this.view.microphone?.stop();
    this.set({ microphone: track, problems: this.without("microphone") });
    return true;
  }

  async openCamera(): Promise<boolean> {
    if (this.raw?.readyState === "live") return this.view.camera !== null || this.dress();
    const wish = ++this.wish;
    const track = await this.open("camera", { video: { ...exact(this.view.chosen.camera), width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } } });
    if (!track) return false;
    if (wish !== this.wish) {
      track.stop();
      return false;
    }
    this.undress();
    this.raw?.stop();
    this.raw = track;
    return this.dress();
  }

  /** The light of the camera goes out. */
  closeCamera(): void {
    this.wish++;
    this.undress();
    this.raw?.stop();
    this.raw = null;
    this.set({ camera: null, blurring: false });
  }

  /** Whether others see what is behind one. It is kept for the next time. The camera shows on what it showed until the change is ready. */
  async setBlur(blur: boolean): Promise<void> {
    store(BLUR_KEY, blur ? "on" : "");
    this.set({ blur, ...(this.view.problems.camera === "backdrop" && { problems: this.without("camera") }) });
    if (this.raw?.readyState === "live") await this.dress();
  }

  /** How long a picture takes to be blurred, in ms of one processor; 0 while none is. */
  blurTook(): number {
    return this.backdrop?.tookMs() ?? 0;
  }

  /** Must be called right from a press: browsers ask for one. Gives false when nothing was chosen. */
  async openScreen(): Promise<boolean> {
    this.closeScreen();
    try {
      // What the call itself plays is left out where the browser can: its people would hear themselves.
      const stream = await navigator.mediaDevices.getDisplayMedia({
        video: { frameRate: { ideal: 15, max: 30 } }, audio: { restrictOwnAudio: true } as MediaTrackConstraints, systemAudio: "include",
      } as DisplayMediaStreamOptions);
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

  /** Once no device gives way to another one: what closes for that is not gone, however long the other one takes to open. */
  rests(): Promise<void> {
    return this.exchanges === 0 ? Promise.resolve() : new Promise((done) => this.resting.push(done));
  }

  choose(kind: keyof Chosen, id: string): Promise<void> {
    return this.exchange(() => this.turnTo(kind, id));
  }

  private async exchange(work: () => Promise<void>): Promise<void> {
    this.exchanges++;
    try {
      await work();
    } finally {
      if (--this.exchanges === 0) for (const done of this.resting.splice(0)) done();
    }
  }

  private async turnTo(kind: keyof Chosen, id: string): Promise<void> {
    const chosen = { ...this.view.chosen, [kind]: id };
    store(KEY, JSON.stringify(chosen));
    this.set({ chosen, replaced: null });
    if (kind === "microphone" && this.view.microphone) {
      const { enabled } = this.view.microphone;
      this.view.microphone.stop();
      this.set({ microphone: null });
      if (await this.openMicrophone()) this.view.microphone!.enabled = enabled;
    } else if (kind === "camera" && this.raw) {
      this.raw.stop();
      this.raw = null;
      await this.openCamera();
    } else if (kind !== "speaker" && this.view.problems[kind]) {
      await (kind === "microphone" ? this.openMicrophone() : this.openCamera());
    }
  }

  forgetReplaced(): void {
    if (this.view.replaced) this.set({ replaced: null });
  }

  /** Looks what is plugged in, now and whenever that changes. */
  async look(): Promise<void> {
    if (!navigator.mediaDevices) return;
    if (!this.following) {
      this.following = true;
      navigator.mediaDevices.addEventListener("devicechange", () => void this.look());
    }
    const devices = (await navigator.mediaDevices.enumerateDevices().catch(() => [])).filter((device) => device.deviceId !== "");
    this.set({ devices });
    // A microphone that is plugged in again is heard again; a camera waits for a press.
    if (this.view.problems.microphone === "absent" && devices.some((device) => device.kind === KINDS.microphone)) await this.openMicrophone();
    if (this.view.problems.camera === "absent" && devices.some((device) => device.kind === KINDS.camera)) this.set({ problems: this.without("camera") });
  }

  closeAll(): void {
    this.view.microphone?.stop();
    this.closeCamera();
    this.closeScreen();
    this.set({ microphone: null, problems: {}, replaced: null });
  }

  private async open(kind: Device, wanted: MediaStreamConstraints): Promise<MediaStreamTrack | null> {
    if (!navigator.mediaDevices) return this.fails(kind, "unsupported");
    try {
      const track = (await this.ask(kind, wanted)).getTracks()[0]!;
      track.addEventListener("ended", () => void this.exchange(() => this.unplugged(kind, track)));
      void this.look();
      return track;
    } catch (cause) {
      void this.look();
      return this.fails(kind, mediaProblem(cause));
    }
  }

  /** Shows the camera as it is wanted. What cannot be hidden is not shown: without the blur that was asked for there is no picture. */
  private async dress(): Promise<boolean> {
    const { raw } = this;
    if (!raw) return false;
    const wish = ++this.wish;
    if (!this.view.blur) {
      this.set({ camera: raw, blurring: false, problems: this.without("camera") });
      this.undress();
      return true;
    }
    if (this.backdrop) {
      this.set({ camera: this.backdrop.track, blurring: false, problems: this.without("camera") });
      return true;
    }
    this.set({ blurring: true });
    try {
      const { openBackdrop } = await import("./backdrop/backdrop");
      const made = await openBackdrop(raw, () => this.breaks(made));
      if (wish !== this.wish || raw !== this.raw) {
        made.stop();
        return this.view.camera !== null;
      }
      this.backdrop = made;
      this.set({ camera: made.track, blurring: false, problems: this.without("camera") });
      return true;
    } catch {
      if (wish !== this.wish) return this.view.camera !== null;
      this.closeCamera();
      this.fails("camera", "backdrop");
      return false;
    }
  }

  private undress(): void {
    this.backdrop?.stop();
    this.backdrop = null;
  }

  private breaks(which: Backdrop): void {
    if (this.backdrop !== which) return;
    this.closeCamera();
    this.fails("camera", "backdrop");
  }

  /** Somebody pulled it out, or the system took it away: what the system prefers now takes its place, and that is said. */
  private async unplugged(kind: Device, track: MediaStreamTrack): Promise<void> {
    if (track !== (kind === "camera" ? this.raw : this.view.microphone)) return;
    const { enabled } = track;
    if (kind === "camera") this.closeCamera();
    else this.set({ microphone: null });
    await this.look();
    if (!this.view.devices.some((device) => device.kind === KINDS[kind])) return void this.fails(kind, "absent");
    // Not stored: when it is plugged in again it is the chosen one.
    this.set({ chosen: { ...this.view.chosen, [kind]: "" } });
    const opened = kind === "camera" ? await this.openCamera() : await this.openMicrophone();
    if (!opened) return;
    if (kind === "microphone") this.view.microphone!.enabled = enabled;
    this.set({ replaced: { kind, by: (kind === "camera" ? this.raw : this.view.microphone)?.label ?? "" } });
  }

  /** A device that was chosen once and is unplugged now gives way to what the system prefers. */
  private async ask(kind: Device, wanted: MediaStreamConstraints): Promise<MediaStream> {
    try {
      return await navigator.mediaDevices.getUserMedia(wanted);
    } catch (cause) {
      if (this.view.chosen[kind] === "" || mediaProblem(cause) !== "absent") throw cause;
      this.set({ chosen: { ...this.view.chosen, [kind]: "" } });
      const { deviceId: _, ...rest } = (wanted.audio ?? wanted.video) as MediaTrackConstraints;
      return navigator.mediaDevices.getUserMedia(wanted.audio ? { audio: rest } : { video: rest });
    }
  }

  private fails(kind: Source, problem: MediaProblem): null {
    this.set({ problems: { ...this.view.problems, [kind]: problem } });
    return null;
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
    return { ...none, ...(JSON.parse(stored(KEY) || "{}") as Partial<Chosen>) };
  } catch {
    return none;
  }
}

function stored(key: string): string {
  try {
    return localStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

function store(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Without storage it holds until the window closes.
  }
}
