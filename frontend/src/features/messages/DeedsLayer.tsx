import { useMutation } from "@tanstack/react-query";
import { Copy, Forward, Layers, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Conversation, Message } from "../../api";
import { useApi } from "../../live";
import { Button, Confirm, ErrorNote, IconButton, InfoNote } from "../../ui";
import styles from "./depth.module.css";
import { EmojiPicker } from "./EmojiPicker";
import { useCalled } from "./External";
import { ForwardDialog } from "./ForwardDialog";
import { MessageMenu } from "./MessageMenu";
import { ReactionsDialog } from "./Reactions";
import type { MessageDeeds } from "./useMessageDeeds";

/** What opens over the messages: menu, emoji, dialogs. */
export function DeedsLayer({ ws, conversation, writable, state, onRecalled }: {
  ws: string;
  conversation: Conversation;
  writable: boolean;
  state: MessageDeeds;
  onRecalled: (message: Message) => void;
}) {
  const { deeds } = state;
  return (
    <>
      <MessageMenu open={state.menu} deeds={deeds} writable={writable} canPin={conversation.canPin} onClose={() => state.setMenu(null)} />
      <EmojiPicker
        at={state.emoji?.at ?? null} quick onClose={() => state.setEmoji(null)}
        onPick={(symbol) => {
          if (state.emoji) deeds.react(state.emoji.message, symbol, true);
          state.setEmoji(null);
        }}
      />
      {state.reactions && <ReactionsDialog message={state.reactions} onClose={() => state.setReactions(null)} />}
      {state.recalling && <Recall message={state.recalling} onClose={() => state.setRecalling(null)} onRecalled={onRecalled} />}
      {state.forwarding && (
        <ForwardDialog
          ws={ws} messages={state.forwarding.messages} asOne={state.forwarding.asOne} onClose={() => state.setForwarding(null)}
          onDone={(count) => {
            state.setForwarding(null);
            state.setSelection(null);
            state.setSaid({ key: "forwarded", count });
          }}
        />
      )}
    </>
  );
}

/** Asks first, and says what a recall cannot do. */
function Recall({ message, onClose, onRecalled }: { message: Message; onClose: () => void; onRecalled: (message: Message) => void }) {
  const { t } = useTranslation();
  const api = useApi();
  const called = useCalled();
  const recall = useMutation({
    mutationFn: () => api.chat.recall({ conversationId: message.conversationId, messageId: message.id }),
    onSuccess: (now) => {
      onRecalled(now);
      onClose();
    },
  });
  return (
    <Confirm
      open onClose={onClose} danger title={message.isMine ? t("depth.recallTitle") : t("depth.recallTitleOf", { name: called(message.personId, message.personName) })} action={t("depth.recall")} busy={recall.isPending}
      onConfirm={() => recall.mutate()} error={recall.error ? <ErrorNote cause={recall.error} /> : undefined}
    >
      {t("depth.recallText")}
    </Confirm>
  );
}

/** In the composer's place while messages are chosen. */
export function SelectionBar({ state }: { state: MessageDeeds }) {
  const { t } = useTranslation();
  // In the order of the conversation, not of the choosing.
  const chosen = [...(state.selection?.values() ?? [])].sort((a, b) => Number(a.sentUnixMs - b.sentUnixMs));
  return (
    <div
      className={styles.selection} role="toolbar" aria-label={t("depth.select")}
      onKeyDown={(event) => event.key === "Escape" && state.setSelection(null)}
    >
      <span role="status">{t("depth.chosen", { count: chosen.length })}</span>
      <Button icon={<Copy aria-hidden />} disabled={chosen.length === 0} onClick={() => state.deeds.copy(chosen)}>{t("depth.copy")}</Button>
      <Button icon={<Layers aria-hidden />} disabled={chosen.length < 2} onClick={() => state.deeds.forward(chosen, true)}>{t("thread.forwardAsOne")}</Button>
      <Button kind="primary" icon={<Forward aria-hidden />} disabled={chosen.length === 0} onClick={() => state.deeds.forward(chosen)}>{t("depth.forward")}</Button>
      <IconButton label={t("depth.endSelect")} onClick={() => state.setSelection(null)}><X /></IconButton>
    </div>
  );
}

/** What went wrong or right just now. */
export function Said({ state }: { state: MessageDeeds }) {
  const { t } = useTranslation();
  const { said, failed } = state;
  if (failed) return <div className={styles.said}><ErrorNote cause={failed} /><IconButton label={t("action.close")} onClick={state.dismiss}><X /></IconButton></div>;
  if (!said) return null;
  const words = said.key === "copied" ? t("depth.copied") : said.key === "forwarded" ? t("depth.forwardedTo", { count: said.count }) : t("depth.quoteAbsent");
  return <div className={styles.said} role="status"><InfoNote>{words}</InfoNote></div>;
}
