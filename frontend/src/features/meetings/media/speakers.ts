/** Plays what is heard. Elements of its own, outside of what React draws: sound goes on whichever page of the app is shown. */
export class Speakers {
  private readonly playing = new Map<string, HTMLAudioElement>();
  private sink = "";

  constructor(private readonly onSilenced: (silenced: boolean) => void) {}

  show(sounds: ReadonlyMap<string, MediaStream>, sink: string): void {
    this.sink = sink;
    for (const [key, element] of this.playing) {
      if (sounds.has(key)) continue;
      element.srcObject = null;
      this.playing.delete(key);
    }
    for (const [key, stream] of sounds) {
      let element = this.playing.get(key);
      if (!element) this.playing.set(key, (element = new Audio()));
      if (element.srcObject === stream) continue;
      element.srcObject = stream;
      void turn(element, this.sink);
    }
    this.play();
  }

  turnTo(sink: string): void {
    this.sink = sink;
    for (const element of this.playing.values()) void turn(element, sink);
  }

  play(): void {
    void Promise.allSettled([...this.playing.values()].map((element) => element.play())).then((results) => {
      this.onSilenced(results.some((result) => result.status === "rejected" && (result.reason as DOMException).name === "NotAllowedError"));
    });
  }

  close(): void {
    for (const element of this.playing.values()) element.srcObject = null;
    this.playing.clear();
  }
}

/** Not every webview can choose; then the system's speaker is used. */
export async function turn(element: HTMLMediaElement, sink: string): Promise<void> {
  if ("setSinkId" in element) await element.setSinkId(sink).catch(() => {});
}
