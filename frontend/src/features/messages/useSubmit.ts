import { useEffect, useRef } from "react";
import type { useSend } from "./useSend";

interface Piece {
  readonly wanted: string;
  readonly at: number | undefined;
}

/**
 * What Enter and "later" do with what stands in the field. Who writes quickly presses it again while the message before is still on its way:
 * that one follows by itself, in the same order. Where the message before fails nothing follows, and all of it stays in the field.
 */
export function useSubmit(send: Pick<ReturnType<typeof useSend>, "mutate">, text: string, sendable: boolean) {
  // The first is on its way. It is noted here and not taken from the last drawing, which a quick hand is ahead of.
  const queue = useRef<Piece[]>([]);
  const isGoing = useRef(false);
  const start = ({ wanted, at }: Piece) => {
    isGoing.current = true;
    send.mutate({ wanted, ...(at !== undefined && { at }) }, {
      onSettled(_, error) {
        isGoing.current = false;
        queue.current = error ? [] : queue.current.slice(1);
      },
    });
  };
  useEffect(() => {
    const next = queue.current[0];
    if (!next || isGoing.current) return;
    // Who changed the words meanwhile presses again.
    if (text.startsWith(next.wanted)) start(next);
    else queue.current = [];
  });
  return (at?: number) => {
    // What is on its way still stands in the field, before what is meant now.
    const before = queue.current.map(({ wanted }) => wanted).join("");
    const piece: Piece = { wanted: text.startsWith(before) ? text.slice(before.length) : "", at };
    if (isGoing.current ? piece.wanted.trim() === "" : !sendable) return;
    queue.current.push(piece);
    if (!isGoing.current) start(piece);
  };
}
