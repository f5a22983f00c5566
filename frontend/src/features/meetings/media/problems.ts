/** What keeps a microphone, a camera or a screen from being used; "backdrop": what is behind the person cannot be hidden as they want it. */
export type MediaProblem = "unsupported" | "denied" | "absent" | "busy" | "other" | "backdrop";

export function mediaProblem(cause: unknown): MediaProblem {
  switch ((cause as { name?: string } | null)?.name) {
    case "NotAllowedError":
    case "SecurityError":
      return "denied";
    case "NotFoundError":
    case "OverconstrainedError":
      return "absent";
    case "NotReadableError":
    case "AbortError":
      return "busy";
    default:
      return "other";
  }
}

/** Without these there are no meetings in this window, whatever one allows. */
export function canMeet(scope: { RTCPeerConnection?: unknown; navigator?: { mediaDevices?: unknown } } = globalThis as never): boolean {
  return scope.RTCPeerConnection !== undefined && scope.navigator?.mediaDevices !== undefined;
}
