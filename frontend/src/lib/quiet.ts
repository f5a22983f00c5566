/** Whether a time of day lies within quiet hours, which may run over midnight. Minutes after midnight; equal ends are no hours at all. */
export function isQuiet(hours: { quiet: boolean; quietFrom: number; quietTo: number } | undefined, now: Date): boolean {
  if (!hours?.quiet || hours.quietFrom === hours.quietTo) return false;
  const minute = now.getHours() * 60 + now.getMinutes();
  return hours.quietFrom < hours.quietTo ? minute >= hours.quietFrom && minute < hours.quietTo : minute >= hours.quietFrom || minute < hours.quietTo;
}
