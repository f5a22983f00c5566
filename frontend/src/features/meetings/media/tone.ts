import { audioContext } from "./level";

/** Two soft notes, as of a temple bell: heard across a room, startling nobody. Returns the end of it. */
export function ring(): () => void {
  const context = audioContext();
  if (!context) return () => {};
  const strike = () => {
    note(context, context.destination, 659.25, 0, 0.16);
    note(context, context.destination, 880, 0.28, 0.16);
  };
  strike();
  const timer = setInterval(strike, 2600);
  return () => clearInterval(timer);
}

/** What the caller hears while it rings elsewhere. */
export function ringback(): () => void {
  const context = audioContext();
  if (!context) return () => {};
  const sound = () => note(context, context.destination, 440, 0, 0.05, 1);
  sound();
  const timer = setInterval(sound, 4000);
  return () => clearInterval(timer);
}

/** Plays a few notes on the speaker that was chosen. */
export async function testSpeaker(turn: (element: HTMLAudioElement) => Promise<void>): Promise<void> {
  const context = audioContext();
  if (!context) return;
  const target = context.createMediaStreamDestination();
  const element = new Audio();
  element.srcObject = target.stream;
  await turn(element);
  await element.play();
  [523.25, 659.25, 783.99, 1046.5].forEach((pitch, index) => note(context, target, pitch, index * 0.22, 0.2));
  await new Promise((done) => setTimeout(done, 1500));
  element.srcObject = null;
}

function note(context: AudioContext, target: AudioNode, pitch: number, after: number, loud: number, long = 0.9): void {
  const start = context.currentTime + after;
  const tone = context.createOscillator();
  const volume = context.createGain();
  tone.frequency.value = pitch;
  volume.gain.setValueAtTime(0, start);
  volume.gain.linearRampToValueAtTime(loud, start + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.0001, start + long);
  tone.connect(volume).connect(target);
  tone.start(start);
  tone.stop(start + long);
}
