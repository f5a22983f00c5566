import type { ContractDraft, Party } from "../../../api";
import type { Speech } from "../words";

export type Step = "parties" | "fields" | "send";

export interface Said {
  readonly text: string;
  readonly step: Step;
  /** The party or field that it is about. */
  readonly at?: string;
}

const KNOWN: Readonly<Record<string, Step>> = {
  title_empty: "send", no_signer: "parties", party_without_field: "fields", party_without_person: "parties",
  field_without_party: "fields", field_outside: "fields", field_without_choices: "fields", field_bounds: "fields", document_signed: "fields",
  document_closed: "send", deadline_past: "send", straddle_signed: "send", straddle_one_page: "send",
};

/** What is left to do before a draft can be sent, as a sentence with the place to do it. */
export function problemWords(problem: string, parties: readonly Party[], { t }: Speech): Said {
  const [code = "", at = ""] = problem.split(":");
  const party = parties.find((one) => String(one.id) === at);
  const name = party ? [party.label, party.name].filter((word) => word !== "").join(" ") : at;
  if (!Object.hasOwn(KNOWN, code)) return { step: "send", text: t("contracts.problem.other", { code }) };
  return { step: KNOWN[code]!, text: t(`contracts.problem.${code}` as "contracts.problem.party_without_field", { name }), ...(at !== "" && { at }) };
}

/** The first step that is not done. */
export function firstStep(draft: ContractDraft): Step {
  if (draft.parties.length === 0) return "parties";
  return draft.fields.length === 0 ? "fields" : "send";
}
