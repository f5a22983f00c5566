const TAKES_FOCUS = "a[href], button:enabled, input:enabled, select:enabled, textarea:enabled, summary, audio[controls], video[controls], [tabindex='0']";

/**
 * The ref of what scrolls: while it is longer than its place and nothing in it takes the focus, it takes the focus itself, so that it is
 * scrolled by keyboard in every engine (WCAG 2.1.1; Chromium and Firefox do so by themselves, WebKit does not).
 */
export function reachable(element: HTMLElement | null): (() => void) | undefined {
  if (element === null || typeof ResizeObserver === "undefined") return undefined;
  const look = () => {
    if (element.scrollHeight > element.clientHeight + 1 && element.querySelector(TAKES_FOCUS) === null) element.tabIndex = 0;
    else element.removeAttribute("tabindex");
  };
  const size = new ResizeObserver(look);
  const content = new MutationObserver(look);
  size.observe(element);
  content.observe(element, { childList: true, subtree: true, characterData: true });
  look();
  return () => {
    size.disconnect();
    content.disconnect();
  };
}
