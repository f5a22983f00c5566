export { DoorPage } from "./DoorPage";
export { LockedPage } from "./LockedPage";
export { NamePage } from "./NamePage";
export { DamagedPage, NoSessionPage, UnreachablePage } from "./TroublePages";
