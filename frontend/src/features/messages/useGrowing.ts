import { startTransition, useCallback, useEffect, useRef, useState } from "react";

/** So many rows at a time: to draw them takes no longer than one may be kept waiting, and who has more finds them by their name. */
const STEP = 100;
/** What a screen shows; it is there before the others. */
const FIRST = 20;

/** How many rows of a long list are drawn: more as its end comes into view. What is another list begins anew. */
export function useGrowing(total: number, which: string): { most: number; more: () => void; end: React.RefObject<HTMLDivElement | null> } {
  const [grown, setGrown] = useState({ which, most: FIRST });
  const most = grown.which === which ? grown.most : FIRST;
  const end = useRef<HTMLDivElement>(null);
  // Between what one does, so that the page does not stand still meanwhile.
  const more = useCallback(() => startTransition(() => setGrown({ which, most: most < STEP ? STEP : most + STEP })), [which, most]);
  const begins = total > most && most < STEP;
  useEffect(() => {
    if (begins) more();
  }, [begins, more]);
  useEffect(() => {
    if (total <= most || !end.current || typeof IntersectionObserver === "undefined") return;
    const watch = new IntersectionObserver((seen) => {
      if (seen.some(({ isIntersecting }) => isIntersecting)) more();
    }, { scrollMargin: "900px" } as IntersectionObserverInit);
    watch.observe(end.current);
    return () => watch.disconnect();
  }, [total, most, more]);
  return { most, more, end };
}
