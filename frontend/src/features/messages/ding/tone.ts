/** Three quick notes and a pause: unlike a call, and hard to miss. Returns the end of it; it ends by itself after half a minute. */
export function alarm(): () => void {
  if (typeof AudioContext === "undefined") return () => {};
  const context = new AudioContext();
  const strike = () => [0, 0.16, 0.32].forEach((after, index) => note(context, index === 2 ? 1174.66 : 880, after));
  strike();
  const timer = setInterval(strike, 2200);
  const end = () => {
    clearInterval(timer);
    clearTimeout(limit);
    if (context.state !== "closed") void context.close();
  };
  const limit = setTimeout(end, 30_000);
  return end;
}

function note(context: AudioContext, pitch: number, after: number): void {
  const start = context.currentTime + after;
  const tone = context.createOscillator();
  const volume = context.createGain();
  tone.type = "triangle";
  tone.frequency.value = pitch;
  volume.gain.setValueAtTime(0, start);
  volume.gain.linearRampToValueAtTime(0.22, start + 0.015);
  volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.3);
  tone.connect(volume).connect(context.destination);
  tone.start(start);
  tone.stop(start + 0.32);
}
