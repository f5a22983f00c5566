export { DoorPage } from "./DoorPage";
export { GuestPage } from "./GuestPage";
export { LockedPage } from "./LockedPage";
export { NamePage } from "./NamePage";
export { DamagedPage, NoSessionPage, UnreachablePage } from "./TroublePages";
