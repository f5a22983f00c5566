import { blurBehind, shown, shrunk, small } from "./pixels";

/** How much each pixel of a small picture is of a person. */
export type Finder = (picture: OffscreenCanvas, atMs: number) => { readonly mask: Float32Array; readonly width: number; readonly height: number };

/** The longer side of what the model sees, and of what is blurred: a blur has no detail. */
const LONG = 256;
const BLURRED_LONG = 128;
const RADIUS = 4;

/** Paints pictures with what is behind the person blurred. Everything but the last step happens small. */
export class Painter {
  readonly canvas = new OffscreenCanvas(2, 2);
  private readonly context = this.canvas.getContext("2d")!;
  private readonly little = new OffscreenCanvas(2, 2);
  private readonly littleContext = this.little.getContext("2d", { willReadFrequently: true })!;
  private readonly behind = new OffscreenCanvas(2, 2);
  private readonly behindContext = this.behind.getContext("2d", { willReadFrequently: true })!;
  private readonly person = new OffscreenCanvas(2, 2);
  private readonly personContext = this.person.getContext("2d")!;
  private sharp = new Uint8ClampedArray(0);
  private alpha = new ImageData(2, 2);

  constructor(private readonly find: Finder) {}

  paint(picture: CanvasImageSource, width: number, height: number, atMs: number): void {
    const { canvas, context, little, littleContext, behind, behindContext, person, personContext } = this;
    const size = small(width, height, LONG);
    const rest = small(width, height, BLURRED_LONG);
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    if (little.width !== size.width || little.height !== size.height) {
      Object.assign(little, size);
      Object.assign(person, size);
      Object.assign(behind, rest);
      this.sharp = new Uint8ClampedArray(size.width * size.height);
      this.alpha = new ImageData(size.width, size.height);
    }
    littleContext.drawImage(picture, 0, 0, size.width, size.height);
    const found = this.find(little, atMs);
    if (found.mask.length !== this.sharp.length) throw new Error(`mask: ${found.width} × ${found.height} for ${size.width} × ${size.height}`);
    shown(found.mask, this.sharp);
    behindContext.drawImage(little, 0, 0, rest.width, rest.height);
    const pixels = behindContext.getImageData(0, 0, rest.width, rest.height);
    blurBehind(pixels.data, shrunk(this.sharp, size, rest), rest.width, rest.height, RADIUS);
    behindContext.putImageData(pixels, 0, 0);
    for (let i = 0; i < this.sharp.length; i++) this.alpha.data[4 * i + 3] = this.sharp[i]!;
    personContext.putImageData(this.alpha, 0, 0);
    // The person, cut out; then the blurred rest below.
    context.globalCompositeOperation = "copy";
    context.drawImage(person, 0, 0, width, height);
    context.globalCompositeOperation = "source-in";
    context.drawImage(picture, 0, 0, width, height);
    context.globalCompositeOperation = "destination-over";
    context.drawImage(behind, 0, 0, width, height);
  }
}
