// A date field speaks of days, the program of milliseconds.

/** "2026-11-30" for a field; "" for 0. */
export function toDay(ms: bigint): string {
  if (ms === 0n) return "";
  const at = new Date(Number(ms));
  const two = (value: number) => String(value).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** The last moment of a day, as the person at this computer means it; 0 for what is no day. */
export function endOfDay(day: string): bigint {
  const found = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day);
  if (!found) return 0n;
  const at = new Date(Number(found[1]), Number(found[2]) - 1, Number(found[3]), 23, 59, 59, 0);
  return Number.isNaN(at.getTime()) ? 0n : BigInt(at.getTime());
}
