import { chromium, type Browser } from "playwright-core";
import { CHROMIUM, WITHOUT } from "./desk";

/** A browser with made-up cameras and microphones, which asks nobody, and whose screen is the page itself. Few frames: what is proven is that they arrive, and computers that test have few processors. */
export function launchWithCameras(executable = CHROMIUM): Promise<Browser> {
  return chromium.launch({
    executablePath: executable,
    args: [
      "--no-sandbox", "--lang=en", `--disable-features=${WITHOUT.join(",")}`, "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream=device-count=3,fps=5", "--auto-accept-this-tab-capture",
      // Windows that nobody looks at run on: six desks share one screen here.
      "--disable-background-timer-throttling", "--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows",
    ],
  });
}
