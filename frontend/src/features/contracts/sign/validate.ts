import { FieldType, type ContractField } from "../../../api";

/** What is wrong with a value, for a sentence; null when nothing is. */
export type Fault = "missing" | "tooLong" | "number" | "tooSmall" | "tooLarge" | "date" | "choice" | "email" | "phone" | "id_card" | "credit_code" | "digits";

/** Looks at a value as the program will. What it finds is said beside the field, before anything is signed. */
export function faultOf(field: ContractField, value: string): Fault | null {
  const text = value.trim();
  if (field.type === FieldType.CHECKBOX) return field.required && text !== "1" ? "missing" : null;
  if (text === "") return field.required ? "missing" : null;
  switch (field.type) {
    case FieldType.NUMBER: return numberFault(field, text);
    case FieldType.DATE: return isDay(text) ? null : "date";
    case FieldType.CHOICE: return field.choices.includes(value) ? null : "choice";
    case FieldType.TEXT:
      if (field.maxLength > 0 && [...text].length > field.maxLength) return "tooLong";
      return formatFault(field.format, text);
    default: return null;
  }
}

function numberFault(field: ContractField, text: string): Fault | null {
  if (!/^[+-]?\d+(?:\.\d+)?$/.test(text)) return "number";
  const value = Number(text);
  if (field.min !== "" && value < Number(field.min)) return "tooSmall";
  if (field.max !== "" && value > Number(field.max)) return "tooLarge";
  return null;
}

export function isDay(text: string): boolean {
  const found = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!found) return false;
  const at = new Date(Date.UTC(Number(found[1]), Number(found[2]) - 1, Number(found[3])));
  return at.getUTCMonth() === Number(found[2]) - 1 && at.getUTCDate() === Number(found[3]);
}

function formatFault(format: string, text: string): Fault | null {
  switch (format) {
    case "email": return /^[^\s@]+@[^\s@]+\.[^\s@]+$/u.test(text) ? null : "email";
    case "phone": return /^\+?[\d\s()-]{5,20}$/.test(text) && text.replace(/\D/g, "").length >= 5 ? null : "phone";
    case "digits": return /^\d+$/.test(text) ? null : "digits";
    case "id_card": return isIDCard(text) ? null : "id_card";
    case "credit_code": return isCreditCode(text) ? null : "credit_code";
    default: return null;
  }
}

/** GB 11643: 17 digits and a check digit, ISO 7064 MOD 11-2. */
export function isIDCard(text: string): boolean {
  if (!/^\d{17}[\dXx]$/.test(text) || !isDay(`${text.slice(6, 10)}-${text.slice(10, 12)}-${text.slice(12, 14)}`)) return false;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((all, weight, index) => all + weight * Number(text[index]), 0);
  return "10X98765432"[sum % 11] === text[17]!.toUpperCase();
}

const CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY";

/** GB 32100: 17 characters and a check character, MOD 31. */
export function isCreditCode(text: string): boolean {
  const code = text.toUpperCase();
  if (code.length !== 18 || [...code].some((one) => !CREDIT.includes(one))) return false;
  let weight = 1;
  let sum = 0;
  for (let index = 0; index < 17; index++) {
    sum += CREDIT.indexOf(code[index]!) * weight;
    weight = (weight * 3) % 31;
  }
  return CREDIT[(31 - (sum % 31)) % 31] === code[17];
}
