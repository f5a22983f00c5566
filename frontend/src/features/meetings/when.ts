const two = (value: number) => String(value).padStart(2, "0");

/** The next full or half hour that is at least five minutes away. */
export function nextHalfHour(now: number): number {
  const half = 30 * 60_000;
  return Math.ceil((now + 5 * 60_000) / half) * half;
}

/** As the browser's own fields want it: 2026-11-27, 09:30. */
export function localDate(ms: number): string {
  const date = new Date(ms);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export function localTime(ms: number): string {
  const date = new Date(ms);
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** Null while something is missing. */
export function startOf(date: string, time: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date) || !/^\d{2}:\d{2}/.test(time)) return null;
  const ms = new Date(`${date}T${time}`).getTime();
  return Number.isNaN(ms) ? null : ms;
}
