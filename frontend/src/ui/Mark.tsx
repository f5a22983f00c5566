/** A round table from above, with six seats and no head. */
export function Mark({ size = 36 }: { size?: number }) {
  const seats = [[18, 4.5], [29.7, 11.2], [29.7, 24.8], [18, 31.5], [6.3, 24.8], [6.3, 11.2]] as const;
  return (
    <svg width={size} height={size} viewBox="0 0 36 36" role="img" aria-label="Roundtable 圆桌">
      <circle cx="18" cy="18" r="8" fill="var(--accent)" />
      <g fill="var(--ink)">{seats.map(([x, y]) => <circle key={`${x} ${y}`} cx={x} cy={y} r="2.6" />)}</g>
    </svg>
  );
}
