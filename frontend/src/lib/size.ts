const UNITS = ["B", "kB", "MB", "GB", "TB"] as const;

/** Bytes as people read them: 0 B, 812 B, 24 kB, 1.3 MB, 48 GB. A kB is 1000 bytes, as disks are sold. */
export function size(bytes: number): string {
  let value = Math.max(0, bytes);
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 9.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}
