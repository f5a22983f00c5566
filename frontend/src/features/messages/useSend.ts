import { useMutation } from "@tanstack/react-query";
import { useRef } from "react";
import type { Message } from "../../api";
import { nonce } from "../../lib/nonce";
import { useApi, useNoticesChanged } from "../../live";
import type { PendingFiles } from "./pending";
import type { Keeper } from "./unsent";
import type { useMention } from "./useMention";

interface Outgoing {
  readonly conversationID: string;
  /** The thread in which it answers, or "". */
  readonly thread: string;
  readonly alsoShow: boolean;
  readonly reply: Message | null;
  readonly files: PendingFiles;
  readonly mention: Pick<ReturnType<typeof useMention>, "named">;
  readonly unsent: Pick<Keeper, "settle" | "flush">;
}

/** Sends what stands in the field, now or at a time. A retry of the same text carries the same nonce, so that it never arrives twice. */
export function useSend({ conversationID, thread, alsoShow, reply, files, mention, unsent }: Outgoing, onGone: (sent: string, at: number | undefined, answered: boolean) => void) {
  const api = useApi();
  const changed = useNoticesChanged();
  const attempt = useRef({ text: "", nonce: "" });
  return useMutation({
    mutationFn: async ({ wanted, at }: { wanted: string; at?: number }) => {
      const { keys, uploadIDs } = await files.ready();
      const what = [wanted, at, reply?.id, alsoShow, ...uploadIDs].join("\n");
      if (attempt.current.text !== what) attempt.current = { text: what, nonce: nonce() };
      const trimmed = wanted.replace(/^\s*\n|\s+$/g, "");
      const message = {
        conversationId: conversationID, text: trimmed, nonce: attempt.current.nonce, uploadIds: uploadIDs, replyToId: reply?.id ?? "", mentions: await mention.named(trimmed),
        threadId: thread, alsoShow: thread !== "" && alsoShow,
      };
      await unsent.settle();
      await (at === undefined ? api.chat.send(message) : api.scheduled.schedule({ message, atUnixMs: BigInt(at) }));
      return { keys, answered: reply !== null };
    },
    onError: () => void unsent.flush(),
    onSuccess: ({ keys, answered }, { wanted, at }) => {
      files.sent(keys);
      attempt.current = { text: "", nonce: "" };
      onGone(wanted, at, answered);
      if (at !== undefined) changed("scheduled");
    },
  });
}
