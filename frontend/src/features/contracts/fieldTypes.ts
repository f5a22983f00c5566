import { CalendarDays, CaseSensitive, Hash, ListChecks, Paperclip, PenLine, Signature, SquareCheck, Stamp, UserRound, type LucideIcon } from "lucide-react";
import { FieldType } from "../../api";

export const FIELD_TYPES = [
  [FieldType.SIGNATURE, "signature", Signature], [FieldType.SEAL, "seal", Stamp], [FieldType.INITIALS, "initials", PenLine], [FieldType.DATE, "date", CalendarDays],
  [FieldType.NAME, "name", UserRound], [FieldType.TEXT, "text", CaseSensitive], [FieldType.NUMBER, "number", Hash], [FieldType.CHECKBOX, "checkbox", SquareCheck],
  [FieldType.CHOICE, "choice", ListChecks], [FieldType.ATTACHMENT, "attachment", Paperclip],
] as const satisfies readonly (readonly [FieldType, string, LucideIcon])[];

export type FieldKey = (typeof FIELD_TYPES)[number][1];

export function fieldKey(type: FieldType): FieldKey {
  return FIELD_TYPES.find(([one]) => one === type)?.[1] ?? "text";
}

export function fieldIcon(type: FieldType): LucideIcon {
  return FIELD_TYPES.find(([one]) => one === type)?.[2] ?? CaseSensitive;
}
