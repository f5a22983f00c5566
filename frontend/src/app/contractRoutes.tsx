import { createRoute } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { contractPlace } from "../lib/routes";
import { Waiting } from "../ui";
import { workspace } from "./workspaceRoute";

const ContractsPage = lazy(async () => ({ default: (await import("../features/contracts")).ContractsPage }));
const DraftPage = lazy(async () => ({ default: (await import("../features/contracts")).DraftPage }));
const NewPage = lazy(async () => ({ default: (await import("../features/contracts")).NewPage }));
const VerifyPage = lazy(async () => ({ default: (await import("../features/contracts")).VerifyPage }));

const contracts = createRoute({
  getParentRoute: () => workspace,
  path: "contracts",
  component: function Contracts() {
    return <Suspense fallback={<Waiting />}><ContractsPage ws={contracts.useParams().ws} place={{ at: "home" }} /></Suspense>;
  },
});
const contract = createRoute({
  getParentRoute: () => workspace,
  path: "contracts/$contract",
  validateSearch: contractPlace,
  component: function Contract() {
    const { ws, contract: id } = contract.useParams();
    const { act, page } = contract.useSearch();
    return <Suspense fallback={<Waiting />}><ContractsPage ws={ws} place={{ at: "contract", id, ...(act && { act }), ...(page !== undefined && { page }) }} /></Suspense>;
  },
});
const draft = createRoute({
  getParentRoute: () => workspace,
  path: "contracts/draft/$draft",
  component: function Draft() {
    const { ws, draft: id } = draft.useParams();
    return <Suspense fallback={<Waiting />}><DraftPage key={id} ws={ws} draft={id} /></Suspense>;
  },
});
const fresh = createRoute({
  getParentRoute: () => workspace,
  path: "contracts/new",
  component: function Fresh() {
    return <Suspense fallback={<Waiting />}><NewPage ws={fresh.useParams().ws} /></Suspense>;
  },
});
const verification = createRoute({
  getParentRoute: () => workspace,
  path: "contracts/verify",
  validateSearch: (search: Record<string, unknown>): { contract?: string } => (typeof search["contract"] === "string" && search["contract"] !== "" ? { contract: search["contract"] } : {}),
  component: function Verification() {
    return <Suspense fallback={<Waiting />}><VerifyPage ws={verification.useParams().ws} contract={verification.useSearch().contract} /></Suspense>;
  },
});
const seals = createRoute({
  getParentRoute: () => workspace,
  path: "contracts/seals",
  component: function Seals() {
    return <Suspense fallback={<Waiting />}><ContractsPage ws={seals.useParams().ws} place={{ at: "seals" }} /></Suspense>;
  },
});
const certificates = createRoute({
  getParentRoute: () => workspace,
  path: "contracts/certificates",
  component: function Certificates() {
    return <Suspense fallback={<Waiting />}><ContractsPage ws={certificates.useParams().ws} place={{ at: "certificates" }} /></Suspense>;
  },
});
const templates = createRoute({
  getParentRoute: () => workspace,
  path: "contracts/templates",
  component: function Templates() {
    return <Suspense fallback={<Waiting />}><ContractsPage ws={templates.useParams().ws} place={{ at: "templates" }} /></Suspense>;
  },
});

/** Fixed places stand before the ID of a contract. */
export const contractRoutes = [contracts, draft, fresh, verification, seals, certificates, templates, contract] as const;
