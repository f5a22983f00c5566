export { createApi, type Api } from "./client";
export { NO_SESSION, problemOf, UNREACHABLE, type Problem } from "./problem";
export * from "./gen/roundtable/v1/chat_pb";
export * from "./gen/roundtable/v1/error_pb";
export * from "./gen/roundtable/v1/people_pb";
export * from "./gen/roundtable/v1/relay_pb";
export * from "./gen/roundtable/v1/settings_pb";
export * from "./gen/roundtable/v1/system_pb";
