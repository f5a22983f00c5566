import { useConversations } from "../../live";
import { ErrorNote, Waiting } from "../../ui";
import { ConversationView } from "./ConversationView";
import { CircleOf } from "./External";

/** A conversation without its head, to be put beside something else. */
export function ConversationPane({ ws, conversation: id }: { ws: string; conversation: string }) {
  const { data, error, refetch } = useConversations(ws);
  const conversation = data?.find((candidate) => candidate.id === id);
  if (!conversation) return error ? <ErrorNote cause={error} onRetry={() => void refetch()} /> : <Waiting />;
  return <CircleOf conversation={conversation}><ConversationView key={conversation.id} ws={ws} conversation={conversation} details={false} onDetails={() => {}} bare /></CircleOf>;
}
