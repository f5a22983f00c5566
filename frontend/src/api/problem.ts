import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema } from "./gen/roundtable/v1/error_pb";

/** What went wrong, for machines. The screen turns the code into a sentence ("errors.<code>"). */
export interface Problem {
  readonly code: string;
  readonly params: Readonly<Record<string, string>>;
}

/** The page has no session: it was opened without its start code. */
export const NO_SESSION = "no_session";
/** The program itself does not answer. */
export const UNREACHABLE = "unreachable";

export function problemOf(cause: unknown): Problem {
  const error = ConnectError.from(cause);
  const info = error.findDetails(ErrorInfoSchema)[0];
  if (info && info.code !== "") return { code: info.code, params: info.params };
  if (error.code === Code.Unauthenticated) return { code: NO_SESSION, params: {} };
  if (error.code === Code.Unavailable || cause instanceof TypeError || error.cause instanceof TypeError) {
    return { code: UNREACHABLE, params: {} };
  }
  return { code: "internal", params: {} };
}
