import { ConnectError } from "@connectrpc/connect";
import type { Api } from "../../api";

const TRIES = 3;
/** Of one request that carries bytes as they are; the program takes no more. */
const MOST = 8 << 20;

export interface Part {
  readonly uploadID: string;
  readonly from: number;
  /** For a call, where bytes are text. */
  readonly partSize: number;
}

/** Brings the next bytes of a file to the program; gives how many are on its disk now. */
export type SendPart = (file: File, part: Part, signal: AbortSignal) => Promise<number>;

/**
 * Bytes go as they are, and never through the page's memory, where the shell lets them; else by a call. The call also says what is wrong.
 * The same part may be sent again: it is taken once. What the program refuses for a reason is not tried again.
 */
export function partSender(api: Api, fetch?: typeof globalThis.fetch): SendPart {
  let raw = fetch;
  return async (file, { uploadID, from, partSize }, signal) => {
    for (let tries = 1; ; tries++) {
      let refused = false;
      try {
        if (raw) {
          const answer = await raw(`/files/uploads/${uploadID}/${from}`, {
            method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: file.slice(from, from + MOST), signal,
          });
          if (answer.ok) return Number(((await answer.json()) as { received: number }).received);
          refused = true;
        }
        const data = new Uint8Array(await file.slice(from, from + partSize).arrayBuffer());
        const { received } = await api.chat.uploadPart({ uploadId: uploadID, offset: BigInt(from), data }, { signal });
        // The call is taken and the request is not: some windows drop what a request carries.
        if (refused) raw = undefined;
        return Number(received);
      } catch (cause) {
        if (signal.aborted || tries === TRIES || ConnectError.from(cause).details.length > 0) throw cause;
        await new Promise((done) => setTimeout(done, 500 * tries));
      }
    }
  };
}
