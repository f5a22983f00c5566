import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SourceKind } from "../../../api";
import { loudness } from "./level";
import { canMeet, mediaProblem } from "./problems";
import { cameraEncodings, screenEncoding } from "./sending";
import { sameSlots, slotMap } from "./slots";
import { step, Wants, type Want } from "./wants";

const { CAMERA, MICROPHONE, SCREEN } = SourceKind;

describe("slots", () => {
  const slots = [{ mid: "4", deviceId: "a", kind: MICROPHONE }, { mid: "5", deviceId: "a", kind: CAMERA }, { mid: "6", deviceId: "", kind: CAMERA }, { mid: "7", deviceId: "me", kind: CAMERA }];
  it("give each source its receiver; empty ones and oneself are left out", () => {
    expect([...slotMap(slots, "me")]).toEqual([[`a/${MICROPHONE}`, "4"], [`a/${CAMERA}`, "5"]]);
  });
  it("the later of two wins", () => {
    expect(slotMap([...slots, { mid: "9", deviceId: "a", kind: CAMERA }], "me").get(`a/${CAMERA}`)).toBe("9");
  });
  it("are compared by what they carry", () => {
    expect(sameSlots(slots, slots.map((slot) => ({ ...slot })))).toBe(true);
    expect(sameSlots(slots, slots.slice(1))).toBe(false);
    expect(sameSlots(slots, slots.map((slot, index) => (index === 2 ? { ...slot, deviceId: "b" } : slot)))).toBe(false);
  });
});

describe("what is wanted", () => {
  let told: Want[][];
  let wants: Wants;
  beforeEach(() => {
    vi.useFakeTimers();
    told = [];
    wants = new Wants((all) => told.push(all), () => Date.now());
  });
  afterEach(() => void vi.useRealTimers());
  const brief = () => told.map((all) => all.map(({ deviceId, height }) => `${deviceId}:${height}`).join(" "));

  it("is told together, soon, and then at most once a second", () => {
    wants.show(wants, "a", CAMERA, 358);
    wants.show(wants, "b", CAMERA, 182);
    vi.advanceTimersByTime(50);
    expect(brief()).toEqual(["a:360 b:180"]);
    wants.show(wants, "a", CAMERA, 720);
    wants.show(wants, "a", CAMERA, 540);
    vi.advanceTimersByTime(900);
    expect(told).toHaveLength(1);
    vi.advanceTimersByTime(200);
    expect(brief()[1]).toBe("a:540 b:180");
  });
  it("is not told again when nothing changed that one sees", () => {
    wants.show(wants, "a", CAMERA, 358);
    vi.advanceTimersByTime(50);
    wants.show(wants, "a", CAMERA, 362);
    vi.advanceTimersByTime(2000);
    expect(told).toHaveLength(1);
  });
  it("what is gone is told once, as nothing", () => {
    wants.show(wants, "a", SCREEN, 700);
    vi.advanceTimersByTime(50);
    wants.hide(wants, "a", SCREEN);
    vi.advanceTimersByTime(1100);
    wants.show(wants, "b", CAMERA, 90);
    vi.advanceTimersByTime(1100);
    expect(brief()).toEqual(["a:720", "a:0", "b:90"]);
  });
  it("a tile that goes after another one came takes nothing away", () => {
    const [first, second] = [{}, {}];
    wants.show(first, "a", CAMERA, 360);
    wants.show(second, "a", CAMERA, 90);
    wants.hide(first, "a", CAMERA);
    vi.advanceTimersByTime(50);
    expect(brief()).toEqual(["a:90"]);
  });
  it("a new engine hears everything again", () => {
    wants.show(wants, "a", CAMERA, 360);
    vi.advanceTimersByTime(50);
    wants.again();
    vi.advanceTimersByTime(1100);
    expect(brief()).toEqual(["a:360", "a:360"]);
  });
  it("heights go in steps", () => {
    expect([0, -3, 1, 100, 358, 1080].map(step)).toEqual([0, 0, 45, 90, 360, 1080]);
  });
});

describe("what is sent", () => {
  const shown = (bps: number, ...layers: string[]) => cameraEncodings({ cameraBps: bps, layers }).map(({ rid, active, maxBitrate }) => `${rid}${active ? `:${maxBitrate / 1000}` : "-"}`).join(" ");
  it("the small layers are served first", () => {
    expect(shown(3_000_000, "q", "h", "f")).toBe("q:150 h:500 f:1700");
    expect(shown(800_000, "q", "h", "f")).toBe("q:150 h:500 f:150");
    expect(shown(200_000, "q", "h", "f")).toBe("q:150 h:50 f-");
    expect(shown(800_000, "f")).toBe("q- h- f:800");
    expect(shown(0, "q", "h", "f")).toBe("q- h- f-");
    expect(shown(500_000)).toBe("q- h- f-");
  });
  it("everything before the engine said a word", () => {
    expect(cameraEncodings(undefined).every(({ active }) => active)).toBe(true);
    expect(screenEncoding(undefined).active).toBe(true);
    expect(screenEncoding({ screenBps: 0 }).active).toBe(false);
  });
});

it("names what is wrong with a device", () => {
  const named = (name: string) => mediaProblem(Object.assign(new Error(), { name }));
  expect(["NotAllowedError", "NotFoundError", "OverconstrainedError", "NotReadableError", "TypeError"].map(named)).toEqual(["denied", "absent", "absent", "busy", "other"]);
  expect(canMeet({ RTCPeerConnection: class {}, navigator: { mediaDevices: {} } })).toBe(true);
  expect(canMeet({ RTCPeerConnection: class {}, navigator: {} })).toBe(false);
  expect(canMeet({ navigator: { mediaDevices: {} } })).toBe(false);
});

it("a meter is still in a quiet room and moves with a voice", () => {
  const tone = (loud: number) => loudness(Float32Array.from({ length: 512 }, (_, index) => Math.sin(index / 5) * loud));
  expect(tone(0)).toBe(0);
  expect(tone(0.0005)).toBeLessThan(0.1);
  expect(tone(0.1)).toBeGreaterThan(0.5);
  expect(tone(1)).toBeLessThanOrEqual(1);
});
