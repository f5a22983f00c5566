import { createMemoryHistory, createRootRoute, createRouter } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { ConversationPane } from "../features/messages";
import { Waiting } from "../ui";

const GuestMeeting = lazy(async () => ({ default: (await import("../features/meetings")).GuestMeeting }));

/** A guest is in one place: whatever one goes to from there is not for guests. */
export const guestRouter = createRouter({
  routeTree: createRootRoute({
    component: function Guest() {
      return <Suspense fallback={<Waiting />}><GuestMeeting chat={(ws, conversation) => <ConversationPane ws={ws} conversation={conversation} />} /></Suspense>;
    },
  }),
  history: createMemoryHistory(),
});
