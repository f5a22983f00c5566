import { MessagesSquare, UserPlus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { modifierKey } from "../../lib/platform";
import { useGo } from "../../lib/routes";
import { useConversations, useWorkspace } from "../../live";
import { Button, Columns, Empty, ErrorNote, Waiting } from "../../ui";
import { Context } from "./Context";
import { ConversationList } from "./ConversationList";
import { ConversationView } from "./ConversationView";
import { CircleOf } from "./External";
import { NewGroupDialog } from "./NewGroupDialog";
import { useChosen } from "./useChosen";
import { useWide } from "./useWide";

export function MessagesPage({ ws, conversation: chosen, newGroup: wantsGroup }: { ws: string; conversation?: string; newGroup?: boolean | undefined }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useConversations(ws);
  const go = useGo();
  const workspace = useWorkspace(ws);
  const isAlone = workspace?.memberCount === 1;
  const canInvite = workspace?.canInvite ?? false;
  const wide = useWide();
  // Null follows the width of the window until somebody decides.
  const [details, setDetails] = useState<boolean | null>(null);
  const [newGroup, setNewGroup] = useState(wantsGroup ?? false);
  const { conversation, isComing } = useChosen(ws, chosen);
  const showDetails = conversation !== undefined && (details ?? wide);

  return (
    <CircleOf conversation={conversation}>
      <Columns
        name={t("messages.list")}
        emptyDetail={chosen === undefined}
        list={<ConversationList ws={ws} chosen={chosen} onNewGroup={() => setNewGroup(true)} />}
        context={showDetails ? <Context key={conversation.id} ws={ws} conversation={conversation} onClose={() => setDetails(false)} /> : undefined}
      >
        {error && !data && <ErrorNote cause={error} onRetry={() => void refetch()} />}
        {conversation ? (
          <ConversationView key={conversation.id} ws={ws} conversation={conversation} details={showDetails} onDetails={() => setDetails(!showDetails)} />
        ) : isComing ? <Waiting /> : data && isAlone && canInvite ? (
          <Empty top icon={<UserPlus />} title={t("directory.alone")} action={<Button kind="primary" icon={<UserPlus aria-hidden />} onClick={() => go.invite(ws)}>{t("action.invite")}</Button>}>
            {t("directory.aloneText")}
          </Empty>
        ) : data || error ? (
          <Empty top icon={<MessagesSquare />} title={t("messages.emptyTitle")}>{t("messages.emptyText", { keys: `${modifierKey()}+K` })}</Empty>
        ) : <Waiting />}
        {newGroup && <NewGroupDialog ws={ws} onClose={() => setNewGroup(false)} />}
      </Columns>
    </CircleOf>
  );
}
