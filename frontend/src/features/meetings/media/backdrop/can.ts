/** Whether this browser has what blurring takes; whether it then works shows only when it is tried. Apart from the rest, which is loaded when it is wanted. */
export function canBlur(scope: Record<string, unknown> = globalThis as never): boolean {
  return ["Worker", "OffscreenCanvas", "WebAssembly", "createImageBitmap", "ImageData"].every((name) => scope[name] !== undefined);
}
