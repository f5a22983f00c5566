import { browserRuntime } from "./browser";
import type { Runtime } from "./types";
import { isWails, wailsRuntime } from "./wails";

export { ALL, type Runtime } from "./types";

/** Looks where it is. The fake exists in development only; a production build leaves it out. */
export async function openRuntime(): Promise<Runtime> {
  if (import.meta.env.DEV) {
    const scene = new URLSearchParams(window.location.search).get("fake");
    if (scene !== null) return (await import("./fake")).fakeRuntime(scene);
  }
  return isWails() ? wailsRuntime() : browserRuntime();
}
