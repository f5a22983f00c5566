export { ConversationPane } from "./ConversationPane";
export { MessagesPage } from "./MessagesPage";
