import type { Self } from "./context";
import type { LocalMedia } from "./media/local";

/** The newest wish about a microphone. */
const spoken = new WeakMap<LocalMedia, object>();

/** Opens what is wanted first, and shows only what is there. Muting works at once, whatever the program says. */
export async function changeSelf(change: Partial<Self>, local: LocalMedia, tell: (self: Partial<Self>) => Promise<void>): Promise<void> {
  const told: { -readonly [K in keyof Self]?: boolean } = { ...change };
  if (change.microphone !== undefined) spoken.set(local, told);
  const { microphone } = local.read();
  if (change.microphone === false && microphone) microphone.enabled = false;
  if (change.camera === false) local.closeCamera();
  if (change.screen === false) {
    local.closeScreen();
    told.screenSound = false;
  }
  if (change.microphone && !(await local.openMicrophone())) told.microphone = false;
  // Who let go of the key while the microphone was still opening is not heard.
  if (change.microphone && spoken.get(local) !== told) delete told.microphone;
  if (change.camera && !(await local.openCamera())) told.camera = false;
  if (change.screen) {
    if (!(await local.openScreen())) return;
    told.screenSound = local.read().screenSound !== null;
  }
  await tell(told);
}
