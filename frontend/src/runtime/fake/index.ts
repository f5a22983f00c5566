import { create } from "@bufbuild/protobuf";
import { CallEndReason, CallsService } from "../../api/gen/roundtable/v1/calls_pb";
import { ChatService } from "../../api/gen/roundtable/v1/chat_pb";
import { ConversationService } from "../../api/gen/roundtable/v1/conversations_pb";
import { CircleService } from "../../api/gen/roundtable/v1/circles_pb";
import { ContractsService } from "../../api/gen/roundtable/v1/contracts_pb";
import { DingService } from "../../api/gen/roundtable/v1/ding_pb";
import { DirectoryService } from "../../api/gen/roundtable/v1/directory_pb";
import { MessageDraftService } from "../../api/gen/roundtable/v1/drafts_pb";
import { FoldersService } from "../../api/gen/roundtable/v1/folders_pb";
import { GuestService } from "../../api/gen/roundtable/v1/guest_pb";
import { MemberService } from "../../api/gen/roundtable/v1/members_pb";
import { JoinRequestSchema, JoinState, PeopleService, Role } from "../../api/gen/roundtable/v1/people_pb";
import { NoticeService } from "../../api/gen/roundtable/v1/notices_pb";
import { PortraitService } from "../../api/gen/roundtable/v1/portraits_pb";
import { RelayService } from "../../api/gen/roundtable/v1/relay_pb";
import { ScheduledService } from "../../api/gen/roundtable/v1/scheduled_pb";
import { SearchService } from "../../api/gen/roundtable/v1/search_pb";
import { SettingsService } from "../../api/gen/roundtable/v1/settings_pb";
import { AuthorityService, KeysService, SealsService } from "../../api/gen/roundtable/v1/signing_pb";
import { SystemService } from "../../api/gen/roundtable/v1/system_pb";
import { page } from "../page";
import type { Consent, Notice, Runtime } from "../types";
import { attachmentMethods, seedFiles } from "./attachments";
import { Calls, callsService } from "./calls";
import { seedCalls } from "./callScenes";
import { chatService } from "./chat";
import { conversationService } from "./conversations";
import { Contracts, contractsService } from "./contracts";
import { seedContracts } from "./contractScenes";
import { Circles, circleService, seedCircles, seedDeepCircle } from "./circles";
import { depthMethods, seedDepth } from "./depth";
import { directoryService } from "./directory";
import { paintFace } from "./faces";
import { draftService } from "./drafts";
import { Folders, foldersService } from "./folders";
import { guestService } from "./guests";
import { Office, officeMethods } from "./office";
import { seedFolders } from "./folderScenes";
import { Dings, dingService, Later, scheduledService } from "./later";
import { memberService } from "./members";
import { peopleService, settingsService, systemService } from "./people";
import { noticeService } from "./notices";
import { portraitService } from "./portraits";
import { fakeRelayLink, relayService } from "./relays";
import { playScene, seedWorkspace } from "./scenes";
import { searchService } from "./search";
import { door } from "./service";
import { authorityService, keysService, sealsService, Signing } from "./signing";
import { World } from "./world";

/** A small honest program in memory, for the work on the screen and for tests. */
export function fakeRuntime(scene = "", delay = 20): Runtime & { world: World; folders: Folders; calls: Calls; contracts: Contracts } {
  const world = new World();
  playScene(world, scene);
  if (scene === "files") seedFiles(world);
  if (scene === "depth") seedDepth(world);
  const circles = new Circles(world);
  if (scene === "circle") seedCircles(circles);
  if (scene === "circleDeep") seedDeepCircle(circles);
  const folders = new Folders();
  seedFolders(world, folders, scene);
  const calls = new Calls(world);
  seedCalls(world, calls, scene);
  const signing = new Signing(world);
  const contracts = new Contracts(world, signing);
  seedContracts(contracts, scene);
  const dings = new Dings(world);
  const later = new Later(world);
  const office = scene.startsWith("office") ? new Office() : undefined;
  if (office) office.delegated = scene === "office-delegate";
  const pressed = new Set<(id: string) => void>();
  const notices = { state: "granted" as Consent, shown: [] as Notice[], asked: 0, press: (id: string) => pressed.forEach((listener) => listener(id)) };
  const call = door([
    [DingService, dingService(world, dings)], [ScheduledService, scheduledService(world, later)], [MessageDraftService, draftService(world)],
    [ContractsService, contractsService(contracts)], [KeysService, keysService(signing)], [AuthorityService, authorityService(signing)], [SealsService, sealsService(signing)],
    [SystemService, systemService(world)], [SettingsService, settingsService(world)], [PeopleService, peopleService(world)], [DirectoryService, { ...directoryService(world), ...(office && officeMethods(world, office)) }], [MemberService, memberService(world)], [ChatService, { ...chatService(world), ...attachmentMethods(world), ...depthMethods(world) }],
    [NoticeService, noticeService(world, () => notices.asked++)], [PortraitService, portraitService(world, scene === "portraits")], [ConversationService, conversationService(world)], [SearchService, searchService(world)], [RelayService, relayService(world)], [CircleService, circleService(circles)], [FoldersService, foldersService(world, folders)], [CallsService, callsService(world, calls)], [GuestService, guestService(world)],
  ], () => new Promise((done) => setTimeout(done, delay)));
  // What files hold stands in their addresses.
  const answer: typeof globalThis.fetch = (input, init) => {
    if (/^(?:data|blob):/.test(String(input))) return globalThis.fetch(input, init);
    return String(input).startsWith("/documents/") ? Promise.resolve(contracts.read(new Headers(init?.headers).get("Range"))) : call(input, init);
  };
  let asked = 0;
  const fetch: typeof globalThis.fetch = async (input, init) => {
    asked++;
    try {
      return await answer(input, init);
    } finally {
      asked--;
    }
  };
  Object.assign(globalThis, { stage: { ...direct(world), isAsked: () => asked > 0, circles, office, folders, calls, contracts, dings, later, notices, CallEndReason, paintFace } });
  return {
    ...page(),
    world,
    fetch,
    folders,
    calls,
    contracts,
    canDownload: true,
    hasDesktop: true,
    start: () => Promise.resolve(),
    onChanged: (listener) => world.listen(listener),
    notices: {
      consent: () => Promise.resolve(notices.state),
      ask: () => Promise.resolve((notices.state = "granted")),
      show: (notice) => void (notices.state === "granted" && (notices.shown = [...notices.shown.filter(({ id }) => id !== notice.id), notice])),
      hide(id) {
        notices.shown = notices.shown.filter((notice) => notice.id !== id);
      },
      onPressed(listener) {
        pressed.add(listener);
        return () => pressed.delete(listener);
      },
    },
    openLink: (url) => void window.open(url, "_blank", "noopener,noreferrer"),
  };
}

/** For the console and for screenshots: what others do. */
function direct(world: World) {
  return {
    world,
    says(person: string, text: string, conversation?: string) {
      const id = conversation ?? [...world.conversations.keys()][1]!;
      world.post(id, person, text);
      world.changed("chat", `chat:${id}`, "notices");
    },
    types(name: string, conversation?: string) {
      const id = conversation ?? [...world.conversations.keys()][1]!;
      world.typing.set(id, name === "" ? [] : [name]);
      world.changed(`typing:${id}`);
    },
    asks(name = "周小满") {
      world.requests.push(create(JoinRequestSchema, {
        id: world.id("req"), workspaceId: world.workspaces[0]!.id, name, deviceName: "小满的笔记本", digits: "408217", sinceUnixMs: BigInt(Date.now()),
      }));
      world.changed("requests");
    },
    relayLink: fakeRelayLink,
    joinIs(state: keyof typeof JoinState, errorCode = "") {
      Object.assign(world.join, { state: JoinState[state], errorCode });
      if (state === "DONE") {
        const workspace = world.addWorkspace(world.join.workspaceName, Role.MEMBER);
        seedWorkspace(world, workspace.id, 40);
        world.join.workspaceId = workspace.id;
      }
      world.changed("join", "people");
    },
  };
}
