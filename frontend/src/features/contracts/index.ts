export { ContractsPage } from "./ContractsPage";
export { NewPage } from "./NewPage";
export { DraftPage } from "./prepare/DraftPage";
export { VerifyPage } from "./verify/VerifyPage";
