import { useEffect, useState } from "react";
import { isQuiet } from "../lib/quiet";
import { useSettings } from "./queries";

/** The wall clock is looked at so often: a timer to the end of the night would stand still while the computer sleeps. */
const LOOK_MS = 10_000;

/** Whether it is quiet hours now; also where nothing else changes when they begin and end. */
export function useQuiet(): boolean {
  const settings = useSettings().data;
  const [, look] = useState(false);
  useEffect(() => {
    look(isQuiet(settings, new Date()));
    if (!settings?.quiet) return;
    const timer = setInterval(() => look(isQuiet(settings, new Date())), LOOK_MS);
    return () => clearInterval(timer);
  }, [settings]);
  return isQuiet(settings, new Date());
}
