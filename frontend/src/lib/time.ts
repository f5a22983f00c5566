// Times as office people write them. `now` is a parameter so that tests need no fake clock.

const DAY = 86_400_000;
const cache = new Map<string, Intl.DateTimeFormat>();

function format(language: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = language + JSON.stringify(options);
  let found = cache.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", options);
    cache.set(key, found);
  }
  return found;
}

function startOfDay(ms: number): number {
  const date = new Date(ms);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

/** Whole calendar days from `ms` to `now`; 0 is today, 1 yesterday. */
export function daysAgo(ms: number, now: number): number {
  return Math.round((startOfDay(now) - startOfDay(ms)) / DAY);
}

export function isSameDay(a: number, b: number): boolean {
  return startOfDay(a) === startOfDay(b);
}

const two = (value: number) => String(value).padStart(2, "0");

/** 10:42, in every language. By hand: the first of the system's formatters takes as long as to draw a screen of rows. */
export function clock(ms: number): string {
  const date = new Date(ms);
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

export interface DayWords {
  readonly today: string;
  readonly yesterday: string;
}

/** 今天, 昨天, 11月3日 星期二, 2025年11月3日 */
export function day(ms: number, now: number, language: string, words: DayWords): string {
  const ago = daysAgo(ms, now);
  if (ago === 0) return words.today;
  if (ago === 1) return words.yesterday;
  const sameYear = new Date(ms).getFullYear() === new Date(now).getFullYear();
  const options: Intl.DateTimeFormatOptions = sameYear
    ? { month: "long", day: "numeric", weekday: "long" }
    : { year: "numeric", month: "long", day: "numeric" };
  return format(language, options).format(ms);
}

/** For lists: the time today, then 昨天, then the weekday, then the date. */
export function brief(ms: number, now: number, language: string, words: DayWords): string {
  if (ms <= 0) return "";
  const ago = daysAgo(ms, now);
  if (ago <= 0) return clock(ms);
  if (ago === 1) return words.yesterday;
  if (ago < 7) return format(language, { weekday: "short" }).format(ms);
  const sameYear = new Date(ms).getFullYear() === new Date(now).getFullYear();
  return format(language, sameYear ? { month: "numeric", day: "numeric" } : { year: "numeric", month: "numeric", day: "numeric" }).format(ms);
}

/** 00:12:31: a time within something that goes on. */
export function within(ms: number): string {
  const seconds = Math.max(Math.floor(ms / 1000), 0);
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** 2026年11月3日 10:42 */
export function full(ms: number, language: string): string {
  return format(language, { dateStyle: "long", timeStyle: "short", hourCycle: "h23" }).format(ms);
}
