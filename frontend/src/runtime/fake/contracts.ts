import { create } from "@bufbuild/protobuf";
import {
  ContractBox, ContractDraftSchema, ContractEventSchema, ContractRowSchema, ContractSchema, ContractState, PartyRole, PartyState, VerifyReportSchema,
  type Contract, type ContractDraft, type ContractsService, type Template,
} from "../../api/gen/roundtable/v1/contracts_pb";
import { contractPaper } from "./paper";
import type { Methods } from "./service";
import type { Signing } from "./signing";
import { ME, refuse, type World } from "./world";

const { RUNNING, COMPLETED, DECLINED, VOIDED, EXPIRED, DRAFT } = ContractState;

/** Contracts of the fake: drafts that are kept, a document that goes round, colleagues who wait. */
export class Contracts {
  readonly uploads = new Map<string, { name: string; size: bigint; parts: Uint8Array[] }>();
  readonly drafts = new Map<string, ContractDraft>();
  readonly contracts = new Map<string, Contract>();
  templates: Template[] = [];
  report = create(VerifyReportSchema, { verdict: "unsigned", name: "采购合同.pdf", pages: 3, sha256: "ab".repeat(32) });
  /** What a document of the program is; "absent" answers as if its bytes were missing. */
  bytes: Uint8Array | "absent" = contractPaper;

  constructor(readonly world: World, readonly signing: Signing) {}

  /** Answers reading of documents, with ranges. */
  read(range: string | null): Response {
    if (this.bytes === "absent") return new Response("", { status: 404 });
    const found = /^bytes=(\d+)-(\d+)$/.exec(range ?? "");
    if (!found) return new Response(this.bytes.slice());
    const part = this.bytes.slice(Number(found[1]), Number(found[2]) + 1);
    return new Response(part, { status: 206, headers: { "Content-Range": `bytes ${found[1]}-${Number(found[1]) + part.length - 1}/${this.bytes.length}` } });
  }

  changed(contract: Contract): Contract {
    contract.changedUnixMs = BigInt(Date.now());
    this.world.changed("contracts", `contract:${contract.id}`);
    return contract;
  }

  happened(contract: Contract, kind: string, with_: Partial<Omit<Contract["timeline"][number], "$typeName">> = {}): void {
    contract.timeline.push(create(ContractEventSchema, { kind, unixMs: BigInt(Date.now()), personId: ME, personName: "沈清和", party: contract.myParty, deviceName: "沈清和的笔记本", ...with_ }));
  }

  /** Whoever's turn it is may act; when all have, it is complete. */
  advance(contract: Contract): void {
    const acting = contract.parties.filter((party) => party.role === PartyRole.SIGNER || party.role === PartyRole.APPROVER);
    const open = acting.filter((party) => party.state !== PartyState.SIGNED && party.state !== PartyState.APPROVED);
    const step = Math.min(...open.map((party) => party.step));
    for (const party of open) if (party.step === step && party.state === PartyState.LATER) party.state = PartyState.WAITING;
    const mine = open.find((party) => party.isMe && party.step === step);
    contract.canSign = mine?.role === PartyRole.SIGNER && contract.queued === "";
    contract.canApprove = mine?.role === PartyRole.APPROVER;
    if (open.length === 0) Object.assign(contract, { state: COMPLETED, completedUnixMs: BigInt(Date.now()), canVoid: false });
  }
}

export function contractsService(contracts: Contracts): Methods<typeof ContractsService> {
  const { world, signing } = contracts;
  const contract = (id: string) => contracts.contracts.get(id) ?? refuse("not_found");
  const draft = (id: string) => contracts.drafts.get(id) ?? refuse("not_found");
  const mine = (one: Contract) => one.parties.find((party) => party.isMe) ?? refuse("forbidden");
  const end = (id: string, state: ContractState, kind: string, reason: string) => {
    const one = contract(id);
    Object.assign(one, { state, canSign: false, canApprove: false, canVoid: false });
    if (state === DECLINED) Object.assign(mine(one), { state: PartyState.DECLINED, reason });
    contracts.happened(one, kind, { note: reason });
    return contracts.changed(one);
  };
  return {
    beginDocument({ name, size }) {
      const uploadId = world.id("upl");
      contracts.uploads.set(uploadId, { name, size, parts: [] });
      return { uploadId, name, size };
    },
    putDocument({ uploadId, data }) {
      contracts.uploads.get(uploadId)?.parts.push(data);
      return { uploadId };
    },
    inspectDocument({ uploadId }) {
      const upload = contracts.uploads.get(uploadId) ?? refuse("not_found");
      if (!upload.name.toLowerCase().endsWith(".pdf")) refuse("not_pdf");
      return { uploadId, name: upload.name, size: upload.size, pages: 3, sha256: "ab".repeat(32) };
    },
    takeAttachment: () => refuse("attachment_absent"),
    takeFolderFile: () => refuse("entry_absent"),
    verifyDocument: () => contracts.report,
    templates: () => ({ templates: contracts.templates, converter: true }),
    saveTemplate(template) {
      const id = template.id || world.id("tpl");
      const saved = { ...template, id };
      contracts.templates = [saved, ...contracts.templates.filter((one) => one.id !== id)];
      world.changed("contract_templates");
      return saved;
    },
    deleteTemplate({ id }) {
      contracts.templates = contracts.templates.filter((one) => one.id !== id);
      world.changed("contract_templates");
      return {};
    },
    renderTemplate: ({ id }) => ({ upload: { uploadId: "upl_template", name: "template.pdf", size: 1n }, pages: 3, parties: contracts.templates.find((one) => one.id === id)?.parties ?? [], fields: [] }),
    createDraft({ workspaceId, uploadId, title, fields, parties }) {
      const upload = contracts.uploads.get(uploadId);
      const made = create(ContractDraftSchema, { id: world.id("drf"), workspaceId, title, fields, parties, documentName: upload?.name ?? "模板.pdf", pages: 3, size: upload?.size ?? 48_000n, sha256: "ab".repeat(32), changedUnixMs: BigInt(Date.now()) });
      made.problems = problems(made);
      contracts.drafts.set(made.id, made);
      world.changed("contracts");
      return made;
    },
    readDraft: ({ draftId }) => draft(draftId),
    saveDraft(sent) {
      const saved = { ...draft(sent.id), ...sent, changedUnixMs: BigInt(Date.now()) };
      saved.problems = problems(saved);
      contracts.drafts.set(saved.id, saved);
      world.changed("contracts");
      return saved;
    },
    deleteDraft({ draftId }) {
      contracts.drafts.delete(draftId);
      world.changed("contracts");
      return {};
    },
    sendDraft({ draftId }) {
      const from = draft(draftId);
      if (from.problems.length > 0) refuse("draft_incomplete", { problem: from.problems[0]! });
      contracts.drafts.delete(draftId);
      const sent = create(ContractSchema, {
        id: world.id("spc"), workspaceId: from.workspaceId, title: from.title, message: from.message, state: RUNNING, senderId: ME, senderName: "沈清和", isSender: true, sentUnixMs: BigInt(Date.now()), deadlineUnixMs: from.deadlineUnixMs,
        documentName: from.documentName, pages: from.pages, originalSha256: from.sha256, currentSha256: from.sha256, documentHere: true, canVoid: true,
        parties: from.parties.map((party) => ({ ...party, state: party.external ? PartyState.INVITED : PartyState.LATER })), fields: from.fields, myParty: from.parties.find((party) => party.isMe)?.id ?? 0,
      });
      contracts.happened(sent, "sent", { sha256: from.sha256 });
      contracts.advance(sent);
      contracts.contracts.set(sent.id, sent);
      return contracts.changed(sent);
    },
    draftFromContract({ contractId }) {
      const from = contract(contractId);
      const made = create(ContractDraftSchema, { id: world.id("drf"), workspaceId: from.workspaceId, title: from.title, documentName: from.documentName, pages: from.pages, sha256: from.originalSha256, fields: from.fields, parties: from.parties });
      contracts.drafts.set(made.id, made);
      world.changed("contracts");
      return made;
    },
    listContracts({ box, query, tag }) {
      const rows = [...contracts.contracts.values()].map((one) => ({ box: boxOf(one), archived: one.archived, row: rowOf(one) }));
      const drafts = [...contracts.drafts.values()].map((one) => ({ box: ContractBox.DRAFTS, archived: false, row: create(ContractRowSchema, { id: one.id, title: one.title, state: DRAFT, isSender: true, partyNames: one.parties.map((party) => party.name), changedUnixMs: one.changedUnixMs }) }));
      const all = [...rows, ...drafts].sort((a, b) => Number(b.row.changedUnixMs - a.row.changedUnixMs));
      const live = all.filter((one) => !one.archived);
      const inText = "会议桌椅一批，规格与数量见附件一";
      const found = all.filter((one) => (box === ContractBox.ARCHIVED ? one.archived : !one.archived && (box === ContractBox.UNSPECIFIED || (box === ContractBox.MINE_TO_DO ? one.row.mineToDo : one.box === box))))
        .filter((one) => tag === "" || one.row.tags.includes(tag))
        .filter((one) => query === "" || one.row.title.includes(query) || one.row.partyNames.some((name) => name.includes(query)) || inText.includes(query))
        .map((one) => (query !== "" && inText.includes(query) ? { ...one.row, excerpt: `甲方向乙方采购${inText}。`, excerptPage: 1 } : one.row));
      const count = (wanted: ContractBox) => live.filter((one) => one.box === wanted).length;
      return {
        rows: found, mineToDo: live.filter((one) => one.row.mineToDo).length, running: count(ContractBox.RUNNING), completed: count(ContractBox.COMPLETED), ended: count(ContractBox.ENDED), drafts: count(ContractBox.DRAFTS),
        archived: all.filter((one) => one.archived).length, tags: [...new Set(all.flatMap((one) => one.row.tags))],
      };
    },
    readContract: ({ contractId }) => contract(contractId),
    openContract({ contractId, accessCode }) {
      const one = contract(contractId);
      if (one.locked && accessCode !== "" && accessCode !== "opensesame") refuse("access_code_wrong");
      if (accessCode !== "") one.locked = false;
      return one;
    },
    signContract({ contractId, keyId, keyPassword, withoutTrustedTime, values, consentVersion }) {
      const one = contract(contractId);
      signing.check(keyId, keyPassword);
      if (consentVersion === "") refuse("invalid_argument");
      if (signing.time.url !== "" && !withoutTrustedTime && signing.time.errorCode !== "") refuse("time_unreachable");
      for (const field of one.fields) if (field.party === one.myParty) field.value = values[field.id] ?? "1";
      const holder = one.parties.find((party) => party.holds);
      if (holder && !holder.isMe) {
        Object.assign(mine(one), { state: PartyState.CONSENTED });
        Object.assign(one, { queued: "turn", canSign: false });
        contracts.happened(one, "consented");
        return contracts.changed(one);
      }
      Object.assign(mine(one), { state: PartyState.SIGNED, actedUnixMs: BigInt(Date.now()) });
      one.currentSha256 = world.id("5e").padEnd(64, "7");
      contracts.happened(one, "signed", { sha256: one.currentSha256, level: "B-B", certificateIssuer: "青禾建筑" });
      contracts.advance(one);
      return contracts.changed(one);
    },
    approveContract({ contractId }) {
      const one = contract(contractId);
      Object.assign(mine(one), { state: PartyState.APPROVED, actedUnixMs: BigInt(Date.now()) });
      contracts.happened(one, "approved");
      contracts.advance(one);
      return contracts.changed(one);
    },
    declineContract: ({ contractId, reason }) => end(contractId, DECLINED, "declined", reason),
    voidContract: ({ contractId, reason }) => end(contractId, VOIDED, "voided", reason),
    withdrawConsent({ contractId }) {
      const one = contract(contractId);
      one.queued = "";
      mine(one).state = PartyState.OPENED;
      contracts.happened(one, "withdrawn");
      contracts.advance(one);
      return contracts.changed(one);
    },
    reassignParty({ contractId, party, personId }) {
      const one = contract(contractId);
      const name = world.members.get(one.workspaceId)?.find((member) => member.personId === personId)?.name ?? "?";
      Object.assign(one.parties.find((each) => each.id === party)!, { personId, name, state: PartyState.WAITING, reason: "", isMe: personId === ME });
      one.state = RUNNING;
      contracts.happened(one, "reassigned", { note: name });
      contracts.advance(one);
      return contracts.changed(one);
    },
    remindParty({ contractId }) {
      contracts.happened(contract(contractId), "reminded");
      return contracts.changed(contract(contractId));
    },
    setContractDeadline({ contractId, deadlineUnixMs }) {
      contract(contractId).deadlineUnixMs = deadlineUnixMs;
      return contracts.changed(contract(contractId));
    },
    inviteParty: () => ({ link: "roundtable://contract/fake-link", expiresUnixMs: BigInt(Date.now() + 7 * 86_400_000) }),
    askSeal({ contractId, reason }) {
      mine(contract(contractId)).state = PartyState.SEAL_ASKED;
      contracts.happened(contract(contractId), "seal_asked", { note: reason });
      return contracts.changed(contract(contractId));
    },
    approveSeal({ contractId, requestId, keyPassword }) {
      if (keyPassword !== "geheim") refuse("key_password_wrong");
      const one = contract(contractId);
      one.sealRequests = one.sealRequests.filter((request) => request.id !== requestId);
      contracts.happened(one, "sealed", { sha256: one.currentSha256, level: "B-B" });
      return contracts.changed(one);
    },
    refuseSeal({ contractId, requestId, reason }) {
      const one = contract(contractId);
      one.sealRequests = one.sealRequests.filter((request) => request.id !== requestId);
      contracts.happened(one, "seal_refused", { note: reason });
      return contracts.changed(one);
    },
    setContractArchive({ contractId, tags, archived, retainUntilUnixMs, endsUnixMs }) {
      return contracts.changed(Object.assign(contract(contractId), { tags, archived, retainUntilUnixMs, endsUnixMs }));
    },
    deleteContract({ contractId }) {
      contracts.contracts.delete(contractId);
      world.changed("contracts");
      return {};
    },
    unindexedContracts: () => ({ contractIds: [] }),
    indexContract: () => ({}),
    makeEvidence({ contractId, keyId, keyPassword }) {
      signing.check(keyId, keyPassword);
      const one = contract(contractId);
      one.evidence = { $typeName: "roundtable.v1.EvidenceSummary", entries: one.timeline.length, witnessed: one.timeline.length, witnesses: ["李卓然", "王敏"], certificateNumber: "QH-CZ-20261128-0007", madeUnixMs: BigInt(Date.now()), forked: [] };
      contracts.changed(one);
      return one.evidence;
    },
    exportContracts: ({ folder }) => ({ written: [folder], failed: [] }),
  };
}

function problems(draft: ContractDraft): string[] {
  const signers = draft.parties.filter((party) => party.role === PartyRole.SIGNER);
  return [...(draft.title.trim() === "" ? ["title_empty"] : []), ...(signers.length === 0 ? ["no_signer"] : []), ...signers.filter((party) => !draft.fields.some((field) => field.party === party.id)).map((party) => `party_without_field:${party.id}`)];
}

function boxOf({ state }: Contract): ContractBox {
  return state === COMPLETED ? ContractBox.COMPLETED : state === VOIDED || state === EXPIRED ? ContractBox.ENDED : ContractBox.RUNNING;
}

function rowOf(one: Contract) {
  const acting = one.parties.filter((party) => party.role === PartyRole.SIGNER || party.role === PartyRole.APPROVER);
  const done = acting.filter((party) => party.state === PartyState.SIGNED || party.state === PartyState.APPROVED);
  return create(ContractRowSchema, {
    id: one.id, title: one.title, state: one.state, senderName: one.senderName, isSender: one.isSender, partyNames: one.parties.map((party) => party.name), acted: done.length, toAct: acting.length,
    waitingFor: acting.filter((party) => party.state === PartyState.WAITING || party.state === PartyState.OPENED).map((party) => party.name), mineToDo: one.canSign || one.canApprove || one.sealRequests.length > 0,
    changedUnixMs: one.changedUnixMs, deadlineUnixMs: one.deadlineUnixMs, endsUnixMs: one.endsUnixMs, tags: one.tags, queued: one.queued,
  });
}
