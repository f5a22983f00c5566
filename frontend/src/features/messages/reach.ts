import { problemOf, UNREACHABLE } from "../../api";

/** Between one try and the next. */
const WAITS_MS = [300, 1000, 3000];

/** A call that did not reach the program is made again, as queries are: a change of the network cuts what is on its way, and nothing else may ask for it soon. */
export async function reach<T>(call: () => Promise<T>, isWanted: () => boolean): Promise<T> {
  for (const wait of WAITS_MS) {
    try {
      return await call();
    } catch (cause) {
      if (problemOf(cause).code !== UNREACHABLE || !isWanted()) throw cause;
    }
    await new Promise((done) => setTimeout(done, wait));
  }
  return call();
}
