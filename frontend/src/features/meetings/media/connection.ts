import { SourceKind } from "../../../api";
import { LAYERS } from "./sending";

// The page's one peer connection: to the engine of its own device.

const GATHER_MS = 1000;

/** What the page sends, and where. */
export interface Senders {
  readonly microphone: RTCRtpTransceiver;
  readonly camera: RTCRtpTransceiver;
  screen: RTCRtpTransceiver | null;
  screenSound: RTCRtpTransceiver | null;
}

/** Opens one with what is always there: a microphone and a camera, together in one stream so that lips and voice stay together. */
export function openConnection(): { pc: RTCPeerConnection; senders: Senders } {
  const pc = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  const stream = new MediaStream();
  const microphone = pc.addTransceiver("audio", { direction: "sendonly", streams: [stream] });
  const camera = pc.addTransceiver("video", {
    direction: "sendonly", streams: [stream],
    sendEncodings: LAYERS.map(({ rid, scaleResolutionDownBy, most }) => ({ rid, scaleResolutionDownBy, maxBitrate: most })),
  });
  preferVP8(camera);
  return { pc, senders: { microphone, camera, screen: null, screenSound: null } };
}

export function addScreen(pc: RTCPeerConnection, senders: Senders): void {
  if (senders.screen) return;
  const stream = new MediaStream();
  senders.screen = pc.addTransceiver("video", { direction: "sendonly", streams: [stream] });
  preferVP8(senders.screen);
  senders.screenSound = pc.addTransceiver("audio", { direction: "sendonly", streams: [stream] });
}

/** Receivers are only ever added: what is in which is said beside them. */
export function addReceivers(pc: RTCPeerConnection, audio: number, video: number): void {
  for (const [kind, wanted] of [["audio", audio], ["video", video]] as const) {
    const have = pc.getTransceivers().filter((one) => one.direction === "recvonly" && one.receiver.track.kind === kind).length;
    for (let i = have; i < wanted; i++) {
      const made = pc.addTransceiver(kind, { direction: "recvonly" });
      if (kind === "video") preferVP8(made);
    }
  }
}

export function sendingOf(senders: Senders): { mid: string; kind: SourceKind }[] {
  const pairs: [RTCRtpTransceiver | null, SourceKind][] = [
    [senders.microphone, SourceKind.MICROPHONE], [senders.camera, SourceKind.CAMERA], [senders.screen, SourceKind.SCREEN], [senders.screenSound, SourceKind.SCREEN_SOUND],
  ];
  return pairs.flatMap(([one, kind]) => (one?.mid ? [{ mid: one.mid, kind }] : []));
}

/** The offer with its candidates in it. The engine is on this very computer: what has not been found within a second is not needed. */
export async function offerOf(pc: RTCPeerConnection): Promise<string> {
  await pc.setLocalDescription(await pc.createOffer());
  if (pc.iceGatheringState !== "complete") {
    await new Promise<void>((done) => {
      const timer = setTimeout(done, GATHER_MS);
      pc.addEventListener("icegatheringstatechange", () => {
        if (pc.iceGatheringState !== "complete") return;
        clearTimeout(timer);
        done();
      });
    });
  }
  return pc.localDescription!.sdp;
}

/** One codec per call, since nobody transcodes. */
function preferVP8(transceiver: RTCRtpTransceiver): void {
  const codecs = RTCRtpReceiver.getCapabilities?.("video")?.codecs ?? [];
  const rank = (codec: { mimeType: string }) => (/vp8/i.test(codec.mimeType) ? 0 : /rtx/i.test(codec.mimeType) ? 1 : 2);
  if (codecs.length > 0) transceiver.setCodecPreferences?.([...codecs].sort((a, b) => rank(a) - rank(b)));
}

export async function limit(sender: RTCRtpSender, change: (encoding: RTCRtpEncodingParameters) => Partial<RTCRtpEncodingParameters>): Promise<void> {
  const parameters = sender.getParameters();
  if (!parameters.encodings || parameters.encodings.length === 0) return;
  const next = parameters.encodings.map((encoding) => ({ ...encoding, ...change(encoding) }));
  const same = next.every((encoding, index) => {
    const now = parameters.encodings[index]!;
    return now.active === encoding.active && now.maxBitrate === encoding.maxBitrate;
  });
  if (same) return;
  // The next word of the engine tries again.
  await sender.setParameters({ ...parameters, encodings: next }).catch(() => {});
}
