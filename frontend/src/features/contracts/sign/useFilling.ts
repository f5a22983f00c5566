import { useMutation } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { FieldType, PartyState, problemOf, type Contract, type ContractField, type Seal } from "../../../api";
import { useApi, useShowContract } from "../../../live";
import { toDay } from "../dates";
import { bringIn } from "../upload";
import { CONSENT_VERSION } from "./Consent";
import type { Filled } from "./FillField";
import type { ChosenKey } from "./KeyChoice";
import type { Look } from "./look";
import { faultOf } from "./validate";

/** What was filled in and not signed, while this page lives: who looks something up, or takes a consent back, finds it again. */
const kept = new Map<string, { values: Readonly<Record<string, string>>; files: ReadonlyMap<string, File>; seals: ReadonlyMap<string, Seal>; looks: { signature: Look | null; initials: Look | null } }>();

const NOTHING: Filled = { value: "", look: null, svg: "", waits: false };

/** Top to bottom, as one reads. */
export function inOrder(fields: readonly ContractField[]): ContractField[] {
  return [...fields].sort((a, b) => a.page - b.page || (Math.abs(a.y - b.y) < 8 ? a.x - b.x : a.y - b.y));
}

/** What a party fills in, until it is signed. */
export function useFilling(contract: Contract) {
  const { t } = useTranslation();
  const me = contract.parties.find((party) => party.id === contract.myParty);
  const place = `${contract.id} ${contract.myParty}`;
  const before = kept.get(place);
  const fields = useMemo(() => inOrder(contract.fields.filter((field) => field.party === contract.myParty)), [contract.fields, contract.myParty]);
  const [values, setValues] = useState<Readonly<Record<string, string>>>(() => ({ ...Object.fromEntries(fields.flatMap((field) =>
    field.value !== "" && field.type !== FieldType.SIGNATURE && field.type !== FieldType.SEAL && field.type !== FieldType.INITIALS ? [[field.id, field.value]]
      : field.type === FieldType.NAME && me ? [[field.id, me.name]] : field.type === FieldType.DATE ? [[field.id, toDay(BigInt(Date.now()))]] : [])), ...before?.values }));
  const [files, setFiles] = useState<ReadonlyMap<string, File>>(before?.files ?? new Map());
  const [seals, setSeals] = useState<ReadonlyMap<string, Seal>>(before?.seals ?? new Map());
  const [looks, setLooks] = useState<{ signature: Look | null; initials: Look | null }>(before?.looks ?? { signature: null, initials: null });
  useEffect(() => void kept.set(place, { values, files, seals, looks }), [place, values, files, seals, looks]);
  const [tried, setTried] = useState(false);
  // Asked, and not refused since.
  const last = contract.timeline.findLast((event) => event.kind === "seal_refused" || (event.kind === "seal_asked" && event.party === contract.myParty));
  const asked = me?.state === PartyState.SEAL_ASKED || last?.kind === "seal_asked";

  const filled = (field: ContractField): Filled => {
    switch (field.type) {
      case FieldType.SIGNATURE: return { ...NOTHING, look: looks.signature };
      case FieldType.INITIALS: return { ...NOTHING, look: looks.initials };
      case FieldType.SEAL: return { ...NOTHING, svg: seals.get(field.id)?.picture?.svg ?? "", value: seals.get(field.id)?.name ?? (field.value !== "" ? field.value : ""), waits: asked && field.value === "", mine: seals.has(field.id) };
      case FieldType.ATTACHMENT: return { ...NOTHING, value: files.get(field.id)?.name ?? "", mine: files.has(field.id) };
      default: return { ...NOTHING, value: values[field.id] ?? "" };
    }
  };
  const isDone = (field: ContractField) => {
    const now = filled(field);
    return now.value !== "" || now.look !== null || now.svg !== "" || now.waits;
  };
  const fault = (field: ContractField): string | null => {
    if (field.type === FieldType.SIGNATURE || field.type === FieldType.INITIALS || field.type === FieldType.SEAL || field.type === FieldType.ATTACHMENT) {
      return field.required && !isDone(field) ? t("contracts.fault.missing") : null;
    }
    const found = faultOf(field, values[field.id] ?? "");
    return found && t(`contracts.fault.${found}`, { max: found === "tooLong" ? String(field.maxLength) : field.max, min: field.min });
  };
  return {
    fields, values, seals, looks, files, tried, setTried, filled, isDone, fault,
    faulty: fields.filter((field) => fault(field) !== null),
    setValue: (id: string, value: string) => setValues({ ...values, [id]: value }),
    setFile: (id: string, file: File) => setFiles(new Map(files).set(id, file)),
    /** What was chosen for an attachment or a seal, and not signed yet, is no longer chosen. */
    takeOut: ({ id }: ContractField) => {
      setFiles(new Map([...files].filter(([key]) => key !== id)));
      setSeals(new Map([...seals].filter(([key]) => key !== id)));
    },
    setSeal: (id: string, seal: Seal) => setSeals(new Map(seals).set(id, seal)),
    setLook: (kind: "signature" | "initials", look: Look) => setLooks({ ...looks, [kind]: look }),
  };
}

export type Filling = ReturnType<typeof useFilling>;

/** Brings in what is sent beside the values, then signs. Passwords of seals by their IDs. */
export function useSign(contract: Contract, filling: Filling, key: ChosenKey, sealPasswords: Readonly<Record<string, string>>, untimed: boolean, onSigned: (answer: Contract) => void) {
  const api = useApi();
  const show = useShowContract();
  const { i18n } = useTranslation();
  return useMutation({
    mutationFn: async () => {
      const look = async (made: Look | null) => made && (made.kind === "image" ? { kind: "image", uploadId: await bringIn(api, made.file) } : made.kind === "seal" ? { kind: "seal", sealId: made.sealId } : made);
      const values: Record<string, string> = {};
      for (const field of filling.fields) {
        const value = filling.values[field.id];
        const file = filling.files.get(field.id);
        if (value !== undefined && value !== "") values[field.id] = value.trim();
        if (file) values[field.id] = await bringIn(api, file);
      }
      const signature = await look(filling.looks.signature);
      const initials = await look(filling.looks.initials);
      return api.contracts.signContract({
        contractId: contract.id, values, ...(signature && { signature }), ...(initials && { initials }), keyId: key.id, keyPassword: key.password,
        seals: Object.fromEntries([...filling.seals].map(([field, seal]) => [field, seal.id])),
        sealPasswords: Object.fromEntries([...filling.seals].flatMap(([field, seal]) => sealPasswords[seal.id] ? [[field, sealPasswords[seal.id]!]] : [])),
        consentVersion: CONSENT_VERSION, consentLanguage: i18n.language, withoutTrustedTime: untimed,
      });
    },
    onSuccess: (answer) => {
      // A signature that waits may be taken back; one that is made may not.
      if (answer.queued === "") kept.delete(`${contract.id} ${contract.myParty}`);
      show(answer);
      onSigned(answer);
    },
  });
}

export const isTimeless = (cause: unknown) => cause !== null && ["time_unreachable", "time_refused", "time_foreign"].includes(problemOf(cause).code);
