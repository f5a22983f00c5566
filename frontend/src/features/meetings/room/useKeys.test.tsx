// @vitest-environment jsdom
import { useState } from "react";
import { createRoot } from "react-dom/client";
import { expect, it } from "vitest";
import { useKeys } from "./useKeys";

it("obeys what is drawn, also in the moment after it was drawn", async () => {
  // As in a window, not as in a test: what follows a drawing runs later.
  (globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = false;
  const told: boolean[] = [];
  const none = () => {};
  let mute = none;
  function Room() {
    const [muted, setMuted] = useState(false);
    mute = () => setMuted(true);
    useKeys({ muted, microphone: (on) => told.push(on), camera: none, hand: none, share: none, view: none, people: none, chat: none, notes: none });
    return <p>{muted ? "muted" : "heard"}</p>;
  }
  const place = document.body.appendChild(document.createElement("div"));
  const shows = (words: string) => new Promise<void>((done) => {
    new MutationObserver((_, observer) => {
      if (place.textContent !== words) return;
      observer.disconnect();
      if (words === "muted") document.body.dispatchEvent(new KeyboardEvent("keydown", { code: "Space", bubbles: true, cancelable: true }));
      done();
    }).observe(place, { subtree: true, childList: true, characterData: true });
  });
  const root = createRoot(place);
  const heard = shows("heard");
  root.render(<Room />);
  await heard;
  await new Promise((done) => setTimeout(done, 50));
  const muted = shows("muted");
  setTimeout(mute);
  await muted;
  expect(told).toEqual([true]);
  root.unmount();
});
