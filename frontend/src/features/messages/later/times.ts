const two = (value: number) => String(value).padStart(2, "0");

/** As the browser's own fields want it: 2026-11-27, 09:30. In the zone of this computer. */
export const localDate = (ms: number): string => {
  const date = new Date(ms);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
};

export const localTime = (ms: number): string => `${two(new Date(ms).getHours())}:${two(new Date(ms).getMinutes())}`;

/** Null while something is missing. */
export function timeOf(date: string, time: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date) || !/^\d{2}:\d{2}/.test(time)) return null;
  const ms = new Date(`${date}T${time}`).getTime();
  return Number.isNaN(ms) ? null : ms;
}

export const inAnHour = (now: number): number => now + 3_600_000;

/** Tomorrow by the calendar: a day may have 23 or 25 hours. */
export function tomorrowAtNine(now: number): number {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + 1, 9).getTime();
}
