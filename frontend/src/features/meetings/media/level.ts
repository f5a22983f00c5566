import { useEffect, useRef } from "react";

let shared: AudioContext | null = null;

/** One for the page: browsers allow only a few. */
export function audioContext(): AudioContext | null {
  if (typeof AudioContext === "undefined") return null;
  shared ??= new AudioContext();
  if (shared.state === "suspended") void shared.resume().catch(() => {});
  return shared;
}

/** From samples to what a meter shows, 0 to 1: a quiet room is near 0, a clear voice above a half. */
export function loudness(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const decibels = 20 * Math.log10(Math.sqrt(sum / Math.max(samples.length, 1)) + 1e-8);
  return Math.min(Math.max((decibels + 60) / 50, 0), 1);
}

/** Tells the level of a track as long as it is shown. Written to an element's --level: sixty renders a second for one bar would be too many. */
export function useLevel<E extends HTMLElement>(track: MediaStreamTrack | null) {
  const element = useRef<E>(null);
  useEffect(() => {
    const context = track ? audioContext() : null;
    if (!track || !context) return;
    const source = context.createMediaStreamSource(new MediaStream([track]));
    const analyser = context.createAnalyser();
    analyser.fftSize = 1024;
    source.connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    let frame = 0;
    const look = () => {
      analyser.getFloatTimeDomainData(samples);
      const level = loudness(samples);
      element.current?.style.setProperty("--level", level.toFixed(3));
      element.current?.setAttribute("aria-valuenow", String(Math.round(level * 100)));
      frame = requestAnimationFrame(look);
    };
    look();
    const at = element.current;
    return () => {
      cancelAnimationFrame(frame);
      source.disconnect();
      at?.style.setProperty("--level", "0");
    };
  }, [track]);
  return element;
}
