import { createHashHistory, createRoute, createRouter, Navigate } from "@tanstack/react-router";
import { lazy, Suspense, useCallback } from "react";
import { DirectoryPage } from "../features/directory";
import { ConversationPane, MessagesPage } from "../features/messages";
import { DoorPage, GuestPage } from "../features/onboarding";
import { SearchPage } from "../features/search";
import { SettingsPage } from "../features/settings";
import { folderPlace, newMeeting, searchPlace, useGo, type SettingsSection } from "../lib/routes";
import { useApi, useWorkspaces } from "../live";
import { Waiting } from "../ui";
import { contractRoutes } from "./contractRoutes";
import { lastWorkspace } from "./shell/lastWorkspace";
import { root, workspace } from "./workspaceRoute";

// Whoever only writes messages never loads it.
const FoldersPage = lazy(async () => ({ default: (await import("../features/folders")).FoldersPage }));

const MeetingsPage = lazy(async () => ({ default: (await import("../features/meetings")).MeetingsPage }));
const MeetingPage = lazy(async () => ({ default: (await import("../features/meetings")).MeetingPage }));
const NewMeetingPage = lazy(async () => ({ default: (await import("../features/meetings")).NewMeetingPage }));

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: function Home() {
    const workspaces = useWorkspaces().data ?? [];
    const last = lastWorkspace();
    const chosen = workspaces.find((workspace) => workspace.id === last) ?? workspaces[0];
    return chosen ? <Navigate to="/w/$ws/messages" params={{ ws: chosen.id }} replace /> : null;
  },
});

const door = createRoute({
  getParentRoute: () => root,
  path: "/join",
  component: function Door() {
    const go = useGo();
    const api = useApi();
    const workspaces = useWorkspaces().data ?? [];
    const last = lastWorkspace();
    const here = (workspaces.find((one) => one.id === last) ?? workspaces[0])?.id;
    const toContract = useCallback((contract: string) => {
      if (here !== undefined) go.contract(here, contract);
    }, [go, here]);
    // It is shown in the workspace from which one came.
    const toCircle = useCallback((circle: string) => {
      const show = (ws: string | undefined) => ws !== undefined && go.conversation(ws, circle);
      api.circles.getCircle({ circleId: circle }).then(({ workspaceId }) => show(workspaceId || here), () => show(here));
    }, [api, go, here]);
    return <DoorPage onEnter={go.messages} onContract={toContract} onCircle={toCircle} onBack={go.home} />;
  },
});

const guest = createRoute({
  getParentRoute: () => root,
  path: "/guest",
  component: function Guest() {
    const go = useGo();
    return <GuestPage onBack={go.home} onEntered={go.home} />;
  },
});

const messages = createRoute({
  getParentRoute: () => workspace,
  path: "messages",
  validateSearch: (search: Record<string, unknown>): { group?: boolean } => (search["group"] === true ? { group: true } : {}),
  component: function Messages() {
    const { group } = messages.useSearch();
    return <MessagesPage key={group ? "group" : ""} ws={messages.useParams().ws} newGroup={group} />;
  },
});
const search = createRoute({
  getParentRoute: () => workspace,
  path: "search",
  validateSearch: searchPlace,
  component: function Search() {
    const place = search.useSearch();
    return <SearchPage key={place.at} ws={search.useParams().ws} place={place} />;
  },
});
const conversation = createRoute({
  getParentRoute: () => workspace,
  path: "messages/$conversation",
  component: function Conversation() {
    const params = conversation.useParams();
    return <MessagesPage ws={params.ws} conversation={params.conversation} />;
  },
});
const directory = createRoute({
  getParentRoute: () => workspace,
  path: "directory",
  validateSearch: (search: Record<string, unknown>): { invite?: boolean } => (search["invite"] === true ? { invite: true } : {}),
  component: function Directory() {
    return <DirectoryPage ws={directory.useParams().ws} invites={directory.useSearch().invite} />;
  },
});
const person = createRoute({
  getParentRoute: () => workspace,
  path: "directory/$person",
  component: function Person() {
    const params = person.useParams();
    return <DirectoryPage ws={params.ws} person={params.person} />;
  },
});
const folders = createRoute({
  getParentRoute: () => workspace,
  path: "folders",
  component: function Folders() {
    return <Suspense fallback={<Waiting />}><FoldersPage ws={folders.useParams().ws} place={{}} /></Suspense>;
  },
});
const folder = createRoute({
  getParentRoute: () => workspace,
  path: "folders/$folder",
  validateSearch: folderPlace,
  component: function Folder() {
    const params = folder.useParams();
    return <Suspense fallback={<Waiting />}><FoldersPage ws={params.ws} folder={params.folder} place={folder.useSearch()} /></Suspense>;
  },
});
const meetings = createRoute({
  getParentRoute: () => workspace,
  path: "meetings",
  component: function Meetings() {
    return <Suspense fallback={<Waiting />}><MeetingsPage ws={meetings.useParams().ws} /></Suspense>;
  },
});
const beginning = createRoute({
  getParentRoute: () => workspace,
  path: "meetings/new",
  validateSearch: newMeeting,
  component: function Beginning() {
    const meeting = beginning.useSearch();
    return <Suspense fallback={<Waiting />}><NewMeetingPage key={JSON.stringify(meeting)} ws={beginning.useParams().ws} meeting={meeting} /></Suspense>;
  },
});
const meeting = createRoute({
  getParentRoute: () => workspace,
  path: "meetings/$call",
  component: function Meeting() {
    const { ws, call } = meeting.useParams();
    return <Suspense fallback={<Waiting />}><MeetingPage key={call} ws={ws} call={call} chat={(where, id) => <ConversationPane ws={where} conversation={id} />} /></Suspense>;
  },
});
const settings = createRoute({
  getParentRoute: () => workspace,
  path: "settings/$section",
  component: function Settings() {
    const params = settings.useParams();
    return <SettingsPage ws={params.ws} section={params.section as SettingsSection} />;
  },
});

export const router = createRouter({
  routeTree: root.addChildren([home, door, guest, workspace.addChildren([messages, conversation, search, directory, person, folders, folder, meetings, beginning, meeting, ...contractRoutes, settings])]),
  // After the # nothing is asked of the shell: the same page works over http and in the window.
  history: createHashHistory(),
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
