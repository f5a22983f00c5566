import { ImageSegmenter } from "@mediapipe/tasks-vision";
import loaderUrl from "@mediapipe/tasks-vision/vision_wasm_module_internal.js?url";
import wasmUrl from "@mediapipe/tasks-vision/vision_wasm_module_internal.wasm?url";
import modelUrl from "@mediapipe/selfie_segmentation/selfie_segmentation.tflite?url";
import type { FromWorker, ToWorker } from "./messages";
import { described } from "./model";
import { Painter, type Finder } from "./painter";

// Beside the page: finding a person in a picture takes some milliseconds, and no button shall wait for that. Everything is loaded from the program itself.

const tell = (message: FromWorker, move: Transferable[] = []) => self.postMessage(message, { transfer: move });

async function open(): Promise<Finder> {
  const absolute = (url: string) => new URL(url, self.location.href).href;
  const model = new Uint8Array(await (await fetch(absolute(modelUrl))).arrayBuffer());
  const segmenter = await ImageSegmenter.createFromOptions({ wasmLoaderPath: absolute(loaderUrl), wasmBinaryPath: absolute(wasmUrl) }, {
    baseOptions: { modelAssetBuffer: described(model), delegate: "CPU" }, runningMode: "VIDEO", outputConfidenceMasks: true, outputCategoryMask: false,
  });
  let last = 0;
  return (picture, atMs) => {
    // Time only goes forward there.
    last = Math.max(last + 1, Math.round(atMs));
    const result = segmenter.segmentForVideo(picture, last);
    const found = result.confidenceMasks![0]!;
    const mask = found.getAsFloat32Array().slice();
    const { width, height } = found;
    result.close();
    return { mask, width, height };
  };
}

// It tells of its own start as if that were an error.
const { error } = console;
console.error = (...words: unknown[]) => (/^INFO:/.test(String(words[0])) ? console.debug(...words) : error(...words));

const opening = open().then((find) => new Painter(find));
// Whoever asks for a picture hears of it; until then nobody needs to.
opening.catch(() => {});

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  void opening.then((painter) => ("readable" in data ? follow(painter, data) : paintOne(painter, data))).catch((cause: unknown) => tell({ failed: String(cause) }));
};

/** Where the browser hands out a track's frames: they go through here without touching the page. */
async function follow(painter: Painter, { readable, writable }: Extract<ToWorker, { readable: unknown }>): Promise<void> {
  const reader = readable.getReader();
  const writer = writable.getWriter();
  let first = true;
  for (;;) {
    const { done, value: frame } = await reader.read();
    if (done) break;
    const { timestamp, displayWidth, displayHeight } = frame;
    const began = performance.now();
    try {
      painter.paint(frame, displayWidth, displayHeight, timestamp / 1000);
    } finally {
      frame.close();
    }
    // Who ended the track meanwhile wants no more.
    await writer.write(new VideoFrame(painter.canvas, { timestamp })).catch(() => {});
    tell({ took: performance.now() - began, first });
    first = false;
  }
  await writer.close().catch(() => {});
}

/** Elsewhere the page sends picture after picture and gets each one back. */
function paintOne(painter: Painter, { picture, atMs }: Extract<ToWorker, { picture: unknown }>): void {
  const began = performance.now();
  painter.paint(picture, picture.width, picture.height, atMs);
  picture.close();
  const painted = painter.canvas.transferToImageBitmap();
  tell({ painted, took: performance.now() - began }, [painted]);
}
