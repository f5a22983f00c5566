import { useEffect, useState } from "react";

/** The time, told anew every second while `ticks`: for what counts down on screen. */
export function useNow(ticks: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!ticks) return;
    const tell = () => setNow(Date.now());
    tell();
    const timer = setInterval(tell, 1000);
    return () => clearInterval(timer);
  }, [ticks]);
  return now;
}
