// @vitest-environment jsdom
import { cleanup, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Calls } from "../../runtime/fake/calls";
import { openRoom } from "../../testing/room";
import { CallProvider } from "./CallProvider";
import { useCall, type CurrentCall } from "./context";

class Track extends EventTarget {
  readyState = "live";
  enabled = true;
  label = "made up";
  constructor(readonly kind: string) {
    super();
  }
  stop() {
    this.readyState = "ended";
  }
}

let given: Track[];
/** Devices open when this says so. */
let opens: Promise<void>;
let call: CurrentCall;
const calls = () => (globalThis as unknown as { stage: { calls: Calls } }).stage.calls;
const last = (kind: string) => given.filter((track) => track.kind === kind).at(-1)!;

function Probe() {
  call = useCall();
  return null;
}

beforeEach(() => {
  given = [];
  opens = Promise.resolve();
  const devices = Object.assign(new EventTarget(), {
    enumerateDevices: () => Promise.resolve([{ kind: "audioinput", deviceId: "a" }, { kind: "videoinput", deviceId: "v" }]),
    async getUserMedia({ video }: MediaStreamConstraints) {
      await opens;
      const track = new Track(video ? "video" : "audio");
      given.push(track);
      return { getTracks: () => [track] };
    },
  });
  vi.stubGlobal("navigator", Object.assign(Object.create(navigator) as object, { mediaDevices: devices }));
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

async function enter(beginning: { microphone: boolean; camera: boolean }) {
  await openRoom("calls-mesh", () => <CallProvider><Probe /></CallProvider>);
  await call.join(calls().ongoing[0]!.id, beginning);
  await waitFor(() => expect(calls().self()).toMatchObject(beginning));
}

it("a camera whose successor takes long to open is not said to be off", async () => {
  await enter({ microphone: true, camera: true });
  let open = () => {};
  opens = new Promise((done) => (open = done));
  last("video").stop();
  last("video").dispatchEvent(new Event("ended"));
  await new Promise((done) => setTimeout(done, 1700));
  expect(calls().self().camera).toBe(true);
  open();
  await waitFor(() => expect(call.local.read().camera).toBe(last("video")));
  await new Promise((done) => setTimeout(done, 50));
  expect(calls().self().camera).toBe(true);
});

it("who lets go of the key while the microphone is still opening is not heard", async () => {
  await enter({ microphone: false, camera: false });
  let open = () => {};
  opens = new Promise((done) => (open = done));
  const speaks = call.setSelf({ microphone: true });
  await call.setSelf({ microphone: false });
  open();
  await speaks;
  expect(calls().self().microphone).toBe(false);
  await waitFor(() => expect(last("audio").enabled).toBe(false));
});
