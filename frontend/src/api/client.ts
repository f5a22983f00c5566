import { createClient, type Client } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { CallsService } from "./gen/roundtable/v1/calls_pb";
import { ChatService } from "./gen/roundtable/v1/chat_pb";
import { CircleService } from "./gen/roundtable/v1/circles_pb";
import { ContractsService } from "./gen/roundtable/v1/contracts_pb";
import { ConversationService } from "./gen/roundtable/v1/conversations_pb";
import { DingService } from "./gen/roundtable/v1/ding_pb";
import { DirectoryService } from "./gen/roundtable/v1/directory_pb";
import { MessageDraftService } from "./gen/roundtable/v1/drafts_pb";
import { FoldersService } from "./gen/roundtable/v1/folders_pb";
import { GuestService } from "./gen/roundtable/v1/guest_pb";
import { MemberService } from "./gen/roundtable/v1/members_pb";
import { PeopleService } from "./gen/roundtable/v1/people_pb";
import { NoticeService } from "./gen/roundtable/v1/notices_pb";
import { PortraitService } from "./gen/roundtable/v1/portraits_pb";
import { RelayService } from "./gen/roundtable/v1/relay_pb";
import { ScheduledService } from "./gen/roundtable/v1/scheduled_pb";
import { SearchService } from "./gen/roundtable/v1/search_pb";
import { SettingsService } from "./gen/roundtable/v1/settings_pb";
import { AuthorityService, KeysService, SealsService } from "./gen/roundtable/v1/signing_pb";
import { RecordService, ThreadService } from "./gen/roundtable/v1/threads_pb";
import { SystemService } from "./gen/roundtable/v1/system_pb";

export interface Api {
  readonly system: Client<typeof SystemService>;
  readonly people: Client<typeof PeopleService>;
  readonly members: Client<typeof MemberService>;
  readonly directory: Client<typeof DirectoryService>;
  readonly chat: Client<typeof ChatService>;
  readonly conversations: Client<typeof ConversationService>;
  readonly ding: Client<typeof DingService>;
  readonly scheduled: Client<typeof ScheduledService>;
  readonly drafts: Client<typeof MessageDraftService>;
  readonly threads: Client<typeof ThreadService>;
  readonly records: Client<typeof RecordService>;
  readonly folders: Client<typeof FoldersService>;
  readonly calls: Client<typeof CallsService>;
  readonly circles: Client<typeof CircleService>;
  readonly contracts: Client<typeof ContractsService>;
  readonly keys: Client<typeof KeysService>;
  readonly authority: Client<typeof AuthorityService>;
  readonly seals: Client<typeof SealsService>;
  readonly notices: Client<typeof NoticeService>;
  readonly portraits: Client<typeof PortraitService>;
  readonly search: Client<typeof SearchService>;
  readonly guest: Client<typeof GuestService>;
  readonly relay: Client<typeof RelayService>;
  readonly settings: Client<typeof SettingsService>;
}

export function createApi(fetch: typeof globalThis.fetch): Api {
  const transport = createConnectTransport({ baseUrl: "/api", useBinaryFormat: false, fetch });
  return {
    system: createClient(SystemService, transport),
    people: createClient(PeopleService, transport),
    members: createClient(MemberService, transport),
    directory: createClient(DirectoryService, transport),
    chat: createClient(ChatService, transport),
    conversations: createClient(ConversationService, transport),
    ding: createClient(DingService, transport),
    scheduled: createClient(ScheduledService, transport),
    drafts: createClient(MessageDraftService, transport),
    threads: createClient(ThreadService, transport),
    records: createClient(RecordService, transport),
    folders: createClient(FoldersService, transport),
    calls: createClient(CallsService, transport),
    circles: createClient(CircleService, transport),
    contracts: createClient(ContractsService, transport),
    keys: createClient(KeysService, transport),
    authority: createClient(AuthorityService, transport),
    seals: createClient(SealsService, transport),
    notices: createClient(NoticeService, transport),
    portraits: createClient(PortraitService, transport),
    search: createClient(SearchService, transport),
    guest: createClient(GuestService, transport),
    relay: createClient(RelayService, transport),
    settings: createClient(SettingsService, transport),
  };
}
