import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { ContractDraftSchema, ContractEventSchema, ContractSchema, ContractState, FieldType, PartyRole, PartyState, TemplateKind, TemplateSchema, VerifyReportSchema, type Contract, type ContractField, type Party } from "../../api/gen/roundtable/v1/contracts_pb";
import { OtherRootSchema } from "../../api/gen/roundtable/v1/signing_pb";
import type { Contracts } from "./contracts";
import { ME } from "./world";

const DAY = 86_400_000;
type P = Partial<Omit<Party, "$typeName">>;
type F = Partial<Omit<ContractField, "$typeName">>;

/** "contracts-empty": nothing yet. "contracts-absent": documents whose bytes are missing. "contracts-contested": an older root turned up. Else some of everything. */
export function seedContracts(contracts: Contracts, scene: string): void {
  const ws = contracts.world.workspaces[0]?.id;
  if (ws === undefined || scene === "contracts-empty") return;
  contracts.signing.seed();
  if (scene === "contracts-absent") contracts.bytes = "absent";
  if (scene === "contracts-contested") {
    contracts.signing.authority.contested = true;
    contracts.signing.authority.others = [create(OtherRootSchema, { fingerprint: "5b0e93d1".repeat(8), foundedUnixMs: BigInt(Date.now() - 400 * DAY), founderName: "周小满", earlier: true })];
  }
  const now = Date.now();
  const colleagues = contracts.world.members.get(ws)!.filter((member) => !member.isMe);
  const person = (index: number): P => ({ personId: colleagues[index]?.personId ?? "", name: colleagues[index]?.name ?? "李卓然", reachable: true });
  const me: P = { personId: ME, name: "沈清和", isMe: true, reachable: true };
  const add = (id: string, title: string, days: number, parties: readonly P[], fields: readonly F[], with_: Omit<Exclude<MessageInitShape<typeof ContractSchema>, Contract>, "parties" | "fields">) => {
    const at = BigInt(now - days * DAY);
    const one = create(ContractSchema, {
      id, workspaceId: ws, title, state: ContractState.RUNNING, senderId: ME, senderName: "沈清和", isSender: true, sentUnixMs: at, documentName: `${title}.pdf`, pages: 3, originalSha256: "a1b2c3d4".repeat(8), currentSha256: "c0ffee42".repeat(8), documentHere: true, canVoid: true, changedUnixMs: at,
      parties: parties.map((party, index) => ({ id: index + 1, role: PartyRole.SIGNER, step: index + 1, ...party })), fields: fields.map((field, index) => ({ id: `f${index}`, required: true, ...field })),
      timeline: [{ kind: "sent", unixMs: at, personId: ME, personName: "沈清和", sha256: "a1b2c3d4".repeat(8), deviceName: "沈清和的笔记本" }], ...with_,
    });
    one.myParty = one.parties.find((party) => party.isMe)?.id ?? 0;
    contracts.contracts.set(id, one);
    contracts.advance(one);
    return one;
  };
  const places: readonly F[] = [
    { type: FieldType.NAME, party: 1, page: 1, x: 120, y: 128, width: 120, height: 20, label: "联系人" }, { type: FieldType.TEXT, party: 1, page: 1, x: 320, y: 128, width: 170, height: 20, label: "统一社会信用代码", format: "credit_code" },
    { type: FieldType.CHECKBOX, party: 1, page: 2, x: 72, y: 260, width: 16, height: 16, label: "已阅读附件一" }, { type: FieldType.CHOICE, party: 1, page: 2, x: 120, y: 256, width: 130, height: 22, label: "付款方式", choices: ["转账", "支票"] },
    { type: FieldType.SIGNATURE, party: 1, page: 3, x: 80, y: 200, width: 150, height: 50, label: "" }, { type: FieldType.SEAL, party: 1, page: 3, x: 110, y: 260, width: 119, height: 119, label: "公章", required: false }, { type: FieldType.DATE, party: 1, page: 3, x: 110, y: 400, width: 110, height: 22, label: "" },
    { type: FieldType.SIGNATURE, party: 2, page: 3, x: 340, y: 200, width: 150, height: 50 },
  ];
  add("spc_sign", "采购合同 QH-2026-118", 0.1, [{ ...me, label: "甲方" }, { ...person(0), label: "乙方", state: PartyState.LATER }], places, {
    isSender: false, senderId: person(0).personId!, senderName: person(0).name!, message: "请在周五前签好，谢谢。", deadlineUnixMs: BigInt(now + 2 * DAY), canVoid: false, tags: ["采购"],
  });
  add("spc_run", "会议室装修合同", 1, [{ ...person(0), label: "甲方", state: PartyState.SIGNED, actedUnixMs: BigInt(now - DAY / 2) }, { ...person(1), label: "乙方", step: 2, state: PartyState.OPENED, holds: true }, { ...person(2), step: 2, label: "丙方", state: PartyState.WAITING }, { ...person(3), role: PartyRole.COPY, step: 0 }], [], {
    deadlineUnixMs: BigInt(now + 6 * DAY), evidence: { entries: 3, witnessed: 2, witnesses: ["李卓然", "王敏"] }, unsent: 1n,
  });
  add("spc_queue", "保密协议", 2, [{ ...person(1), label: "甲方", step: 1, state: PartyState.WAITING, holds: true }, { ...me, label: "乙方", step: 1, state: PartyState.CONSENTED }], [], { queued: "turn" });
  add("spc_declined", "展厅搬迁协议", 3, [{ ...person(2), label: "乙方", state: PartyState.DECLINED, reason: "第二条的金额不对。" }, { ...me, label: "甲方", state: PartyState.LATER }], [], { state: ContractState.DECLINED });
  add("spc_seal", "框架协议 2027", 1.2, [{ ...person(0), label: "甲方", state: PartyState.SEAL_ASKED }], [{ type: FieldType.SEAL, party: 1, page: 3, x: 110, y: 260, width: 119, height: 119 }], {
    isSender: false, senderName: person(0).name!, sealRequests: [{ id: "sr_1", party: 1, fieldId: "f0", sealId: "seal_1", sealName: "合同专用章", askerName: person(0).name!, reason: "与临江家具的年度框架" }],
  });
  add("spc_locked", "股权转让协议", 1.5, [{ ...me, label: "甲方" }], [], { locked: true, isSender: false, senderName: person(1).name! });
  const done = add("spc_done", "场地租赁合同", 30, [{ ...me, label: "甲方", state: PartyState.SIGNED, actedUnixMs: BigInt(now - 29 * DAY) }, { ...person(1), label: "乙方", state: PartyState.SIGNED, actedUnixMs: BigInt(now - 28 * DAY) }], [], {
    tags: ["租赁", "浦东"], retainUntilUnixMs: BigInt(now + 900 * DAY), evidence: { entries: 5, witnessed: 5, witnesses: ["李卓然", "王敏", "周小满"], certificateNumber: "QH-CZ-20261029-0003", madeUnixMs: BigInt(now - 27 * DAY) },
  });
  done.completedUnixMs = BigInt(now - 28 * DAY);
  done.timeline.push(...[
    { kind: "opened", days: 29.5, name: "沈清和" }, { kind: "signed", days: 29, name: "沈清和", level: "B-T", stamped: true }, { kind: "opened", days: 28.5, name: person(1).name! }, { kind: "signed", days: 28, name: person(1).name!, level: "B-LT", stamped: false }, { kind: "completed", days: 28, name: "" },
  ].map(({ kind, days, name, level = "", stamped }) => create(ContractEventSchema, {
    kind, unixMs: BigInt(now - days * DAY), personName: name, sha256: level === "" ? "" : "5eed5eed".repeat(8), level, stampedUnixMs: stamped ? BigInt(now - days * DAY) : 0n, certificateIssuer: level === "" ? "" : "青禾建筑", deviceName: kind === "completed" ? "" : "笔记本",
  })));
  add("spc_void", "旧版采购合同", 40, [{ ...person(0), state: PartyState.LATER }], [], { state: ContractState.VOIDED, canVoid: false });
  contracts.drafts.set("drf_1", create(ContractDraftSchema, { id: "drf_1", workspaceId: ws, title: "设备维护合同", documentName: "设备维护合同.pdf", pages: 3, size: 84_000n, sha256: "ab".repeat(32), changedUnixMs: BigInt(now - 3_600_000), problems: ["party_without_field:2"],
    parties: [{ id: 1, role: PartyRole.SIGNER, step: 1, label: "甲方", personId: ME, name: "沈清和", isMe: true }, { id: 2, role: PartyRole.SIGNER, step: 2, label: "乙方", ...person(0) }, { id: 3, role: PartyRole.APPROVER, step: 2, label: "", ...person(1) }],
    fields: [{ id: "a", type: FieldType.SIGNATURE, party: 1, page: 1, x: 90, y: 420, width: 150, height: 50, required: true }, { id: "b", type: FieldType.DATE, party: 1, page: 1, x: 90, y: 480, width: 110, height: 22, required: true }],
  }));
  contracts.templates = [["劳动合同", "与新员工签订的标准劳动合同", ["甲方", "乙方"]], ["保密协议", "双方互相保密，适用于洽谈之前", ["甲方", "乙方"]], ["采购合同", "货物采购，含验收与质保", ["甲方", "乙方"]]].map(([title, summary, parties], index) => create(TemplateSchema, {
    id: `tpl_${index}`, kind: index === 2 ? TemplateKind.OWN : TemplateKind.STARTER, language: "zh", title: title as string, summary: summary as string, parties: parties as string[], markdown: `# ${title as string}\n`,
    fields: [{ name: "name", label: "单位名称", type: "text", required: true }, { name: "day", label: "生效日期", type: "date" }, { name: "way", label: "付款方式", type: "choice", choices: ["转账", "支票"] }],
  }));
  contracts.report = create(VerifyReportSchema, {
    name: "场地租赁合同.pdf", size: 214_000n, pages: 3, sha256: "5eed5eed".repeat(8), verdict: scene === "contracts-changed" ? "changed" : "valid_untrusted", contractId: "spc_done",
    signatures: [
      { field: "f0", name: "沈清和", subject: "沈清和", issuer: "青禾建筑", integrity: "intact", valid: scene !== "contracts-changed", standing: "trusted", kind: "workspace", root: "青禾建筑", level: "B-T", stampedUnixMs: BigInt(now - 29 * DAY), stampAuthority: "TSA 示例", stampStanding: "trusted", fingerprint: "8C 41 2D 9A 77", notBeforeUnixMs: BigInt(now - 60 * DAY), notAfterUnixMs: BigInt(now + 600 * DAY), format: "ETSI.CAdES.detached", seal: "right", sealName: "合同专用章",
        changes: [...(scene === "contracts-changed" ? [{ kind: "page_replaced", page: 2, matters: true }, { kind: "field_changed", page: 1, subject: "金额", before: "184,000", after: "284,000", matters: true }] : []), { kind: "signature_added", page: 3 }, { kind: "field_filled", page: 3, subject: "日期" }] },
      { field: "f1", name: "王敏", subject: "王敏", issuer: "临江家具", integrity: "intact", whole: true, standing: "untrusted", level: "B-B", claimedUnixMs: BigInt(now - 28 * DAY), fingerprint: "11 22 33 44 55", notBeforeUnixMs: BigInt(now - 60 * DAY), notAfterUnixMs: BigInt(now + 600 * DAY), format: "ETSI.CAdES.detached" },
    ],
  });
}
