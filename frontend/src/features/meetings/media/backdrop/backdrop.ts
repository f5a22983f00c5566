import { canBlur } from "./can";
import type { FromWorker, ToWorker } from "./messages";

/** A camera's track with what is behind the person blurred. */
export interface Backdrop {
  readonly track: MediaStreamTrack;
  /** How long the last pictures took, in ms of one processor: the mean of the last second or so. */
  readonly tookMs: () => number;
  stop(): void;
}

// Not every browser's types know these; Chromium has them.
declare const MediaStreamTrackProcessor: undefined | (new (init: { track: MediaStreamTrack; maxBufferSize?: number }) => { readonly readable: ReadableStream<VideoFrame> });
declare const MediaStreamTrackGenerator: undefined | (new (init: { kind: "video" }) => MediaStreamTrack & { readonly writable: WritableStream<VideoFrame> });

/** The first time, 11 MB are read and compiled; slow computers shall not be told that they cannot. */
const PATIENCE_MS = 60_000;
const FPS = 24;

/**
 * Begins to blur. Gives the track once its first picture is painted; throws when this browser cannot. `failed` is called when it breaks later: the
 * track has no more pictures then, it never shows what it should hide.
 */
export async function openBackdrop(camera: MediaStreamTrack, failed: () => void): Promise<Backdrop> {
  if (!canBlur()) throw new Error("backdrop: unsupported");
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  let took = 0;
  let open = true;
  let isReady = false;
  const source = typeof MediaStreamTrackProcessor !== "undefined" && typeof MediaStreamTrackGenerator !== "undefined" ? byFrames(worker, camera) : byPictures(worker, camera);
  const stop = () => {
    if (!open) return;
    open = false;
    source.stop();
    worker.terminate();
  };
  await new Promise<void>((ready, refuse) => {
    const timer = setTimeout(() => refuse(new Error("backdrop: too slow")), PATIENCE_MS);
    const breaks = (why: string) => {
      clearTimeout(timer);
      if (!open) return;
      stop();
      if (isReady) failed();
      else refuse(new Error(`backdrop: ${why}`));
    };
    worker.onerror = (event) => breaks(event.message);
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if ("failed" in data) return breaks(data.failed);
      took = took === 0 ? data.took : took * 0.95 + data.took * 0.05;
      if ("painted" in data) source.painted(data.painted);
      clearTimeout(timer);
      isReady = true;
      ready();
    };
  }).catch((cause: unknown) => {
    stop();
    throw cause;
  });
  return { track: source.track, tookMs: () => took, stop };
}

interface Source {
  readonly track: MediaStreamTrack;
  painted(picture: ImageBitmap): void;
  stop(): void;
}

/** A frame that comes while one is painted takes the place of the one that waits: never more than one late. */
function byFrames(worker: Worker, camera: MediaStreamTrack): Source {
  // The camera's own track stays with the page: who blurs no more goes on with it.
  const copy = camera.clone();
  const { readable } = new MediaStreamTrackProcessor!({ track: copy, maxBufferSize: 1 });
  const generator = new MediaStreamTrackGenerator!({ kind: "video" });
  const message: ToWorker = { readable, writable: generator.writable };
  worker.postMessage(message, [readable, generator.writable] as unknown as Transferable[]);
  return {
    track: generator,
    painted: (picture) => picture.close(),
    stop() {
      copy.stop();
      generator.stop();
    },
  };
}

/** By an element that plays the camera and a canvas that is filmed. */
function byPictures(worker: Worker, camera: MediaStreamTrack): Source {
  const video = Object.assign(document.createElement("video"), { muted: true, playsInline: true });
  video.srcObject = new MediaStream([camera]);
  void video.play().catch(() => {});
  const canvas = Object.assign(document.createElement("canvas"), { width: 2, height: 2 });
  const context = canvas.getContext("2d", { alpha: false })!;
  const track = canvas.captureStream(FPS).getVideoTracks()[0]!;
  let waits = false;
  const timer = setInterval(() => {
    if (waits || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA || video.videoWidth === 0) return;
    waits = true;
    createImageBitmap(video).then((picture) => {
      const message: ToWorker = { picture, atMs: performance.now() };
      worker.postMessage(message, [picture]);
    }, () => {
      waits = false;
    });
  }, 1000 / FPS);
  return {
    track,
    painted(picture) {
      waits = false;
      if (canvas.width !== picture.width || canvas.height !== picture.height) Object.assign(canvas, { width: picture.width, height: picture.height });
      context.drawImage(picture, 0, 0);
      picture.close();
    },
    stop() {
      clearInterval(timer);
      track.stop();
      video.srcObject = null;
    },
  };
}
