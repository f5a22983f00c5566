export { LiveProvider, useApi, useLive, useRuntime, useTopic } from "./context";
export * from "./queries";
export * from "./folders";
export * from "./calls";
export * from "./guest";
export * from "./contracts";
export * from "./directory";
export * from "./circles";
export * from "./conversations";
