export { ContractsPage } from "./ContractsPage";
export { DraftPage } from "./prepare/DraftPage";
export { VerifyPage } from "./verify/VerifyPage";
