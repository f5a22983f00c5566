/** What the page tells the worker. */
export type ToWorker =
  | { readonly readable: ReadableStream<VideoFrame>; readonly writable: WritableStream<VideoFrame> }
  | { readonly picture: ImageBitmap; readonly atMs: number };

/** What the worker tells the page; `took` is in ms of its processor. */
export type FromWorker =
  | { readonly took: number; readonly first: boolean }
  | { readonly painted: ImageBitmap; readonly took: number }
  | { readonly failed: string };
