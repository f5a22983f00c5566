// @vitest-environment jsdom
import { create } from "@bufbuild/protobuf";
import i18next from "i18next";
import { beforeAll, expect, it } from "vitest";
import { ContractRowSchema, ContractState, PartyRole, PartySchema, PartyState, VerifiedChangeSchema, VerifiedSignatureSchema } from "../../api";
import { startI18n } from "../../i18n";
import { problemWords } from "./prepare/problems";
import { changeWords, integrityWords, standingWords, timeWords } from "./verify/verdictWords";
import { deadlineWords, endsWords, grouped, partyWords, rowWords, shortHash, type Speech } from "./words";

let speech: Speech;
beforeAll(async () => {
  await startI18n("en");
  speech = { t: i18next.t, language: "en" };
});

const row = (with_: object) => rowWords(create(ContractRowSchema, { state: ContractState.RUNNING, ...with_ }), speech);

it("never calls a consent a signature", () => {
  expect(row({ queued: "turn", mineToDo: false })).toEqual({ tone: "busy", text: "You agreed; it is signed when your turn comes" });
  expect(row({ queued: "key" }).text).toContain("password is needed again");
  expect(row({ queued: "something new" }).text).toContain("not made yet");
  expect(partyWords(create(PartySchema, { state: PartyState.CONSENTED, role: PartyRole.SIGNER }), speech).text).toBe("Agreed, signature to follow");
});

it("says whom a contract waits for", () => {
  expect(row({ mineToDo: true, waitingFor: ["me"] })).toMatchObject({ tone: "mine" });
  expect(row({ waitingFor: ["Wang"] }).text).toMatch(/^Waits for .*Wang/);
  expect(row({ waitingFor: ["a", "b", "c", "d"] }).text).toMatch(/and 2 more/);
  expect(row({ state: ContractState.DECLINED, isSender: true }).text).toContain("replace them or end it");
});

it("says deadlines as they are", () => {
  const now = new Date(2026, 10, 28, 12).getTime();
  const at = (days: number) => BigInt(now + days * 86_400_000);
  expect(deadlineWords(0n, now, speech)).toBeNull();
  expect(deadlineWords(at(-3), now, speech)).toMatchObject({ tone: "bad" });
  expect(deadlineWords(at(0.1), now, speech)!.text).toBe("Ends today");
  expect(deadlineWords(at(2), now, speech)).toEqual({ tone: "warn", text: "2 days left" });
  expect(deadlineWords(at(30), now, speech)!.text).toMatch(/December 2026/);
});

it("says that obligations end once that is near", () => {
  const now = new Date(2026, 10, 28, 12).getTime();
  const at = (days: number) => BigInt(now + days * 86_400_000);
  expect(endsWords(0n, now, speech)).toBeNull();
  expect(endsWords(at(40), now, speech)).toBeNull();
  expect(endsWords(at(-40), now, speech)).toBeNull();
  expect(endsWords(at(20), now, speech)).toEqual({ tone: "idle", text: "Obligations end in 20 days" });
  expect(endsWords(at(3), now, speech)).toMatchObject({ tone: "warn" });
  expect(endsWords(at(0.1), now, speech)!.text).toBe("Obligations end today");
  expect(endsWords(at(-3), now, speech)).toMatchObject({ tone: "bad", text: "Obligations ended 25 November 2026" });
});

it("puts the verdict about a signature into words, codes of tomorrow too", () => {
  const signature = (with_: object) => create(VerifiedSignatureSchema, { integrity: "intact", standing: "trusted", ...with_ });
  expect(integrityWords(signature({ whole: true }), speech)).toContain("nothing was added");
  expect(integrityWords(signature({ changes: [{ kind: "page_replaced", page: 2, matters: true }] }), speech)).toContain("something that matters was changed");
  expect(integrityWords(signature({ integrity: "broken", why: "hole_filled" }), speech)).toContain("something else lies");
  expect(integrityWords(signature({ integrity: "broken", why: "of tomorrow" }), speech)).toContain("of tomorrow");
  expect(standingWords(signature({ kind: "workspace", root: "Qinghe" }), speech)).toContain("no licensed authority");
  expect(standingWords(signature({ standing: "?" }), speech)).toBe("There is no certificate");
  expect(timeWords(signature({ claimedUnixMs: 1n }), speech)).toContain("no trusted time");
  expect(timeWords(signature({ stampedUnixMs: 1n, stampStanding: "untrusted", stampAuthority: "X" }), speech)).toContain("not trusted");
  expect(changeWords(create(VerifiedChangeSchema, { kind: "field_changed", subject: "amount", before: "1", after: "2" }), speech)).toMatch(/^A field was changed .*amount.*1.*2/);
});

it("leads from a problem of a draft to its place", () => {
  const parties = [create(PartySchema, { id: 2, name: "Wang", label: "Party B" })];
  expect(problemWords("party_without_field:2", parties, speech)).toMatchObject({ step: "fields", at: "2" });
  expect(problemWords("party_without_field:2", parties, speech).text).toContain("Party B Wang");
  expect(problemWords("title_empty", [], speech)).toEqual({ step: "send", text: "It has no title." });
  expect(problemWords("of_tomorrow", [], speech).text).toContain("of_tomorrow");
});

it("shortens digests and groups fingerprints", () => {
  expect(shortHash("0123456789abcdef0123456789abcdef")).toBe("01234567…cdef");
  expect(grouped("a28df5e1")).toBe("A28D F5E1");
});
