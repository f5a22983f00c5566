/** A line of two texts side by side; null where the other one has a line more. */
export interface DiffRow {
  readonly left: string | null;
  readonly right: string | null;
  readonly same: boolean;
}

const MOST_LINES = 4000;
const MOST_STEPS = 1500;

/**
 * What differs, line by line (Myers' greedy algorithm). Null when the texts are too long or too different for a comparison
 * to help anybody.
 */
export function lineDiff(before: string, after: string): DiffRow[] | null {
  const a = lines(before);
  const b = lines(after);
  if (a.length > MOST_LINES || b.length > MOST_LINES) return null;
  const path = shortest(a, b);
  return path && pair(path);
}

function lines(text: string): string[] {
  const all = text.split(/\r\n|\n|\r/);
  if (all.at(-1) === "") all.pop();
  return all;
}

type Step = readonly [kind: "same" | "removed" | "added", line: string];

function shortest(a: readonly string[], b: readonly string[]): Step[] | null {
  const most = Math.min(a.length + b.length, MOST_STEPS);
  const ends: Int32Array[] = [];
  const at = new Int32Array(2 * most + 3);
  const middle = most + 1;
  for (let d = 0; d <= most; d++) {
    ends.push(at.slice());
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && at[middle + k - 1]! < at[middle + k + 1]!);
      let x = down ? at[middle + k + 1]! : at[middle + k - 1]! + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      at[middle + k] = x;
      if (x >= a.length && x - k >= b.length) return walkBack(a, b, ends, middle, d, k);
    }
  }
  return null;
}

function walkBack(a: readonly string[], b: readonly string[], ends: readonly Int32Array[], middle: number, d: number, k: number): Step[] {
  const steps: Step[] = [];
  let x = a.length;
  let y = b.length;
  for (; d > 0; d--) {
    const at = ends[d]!;
    const down = k === -d || (k !== d && at[middle + k - 1]! < at[middle + k + 1]!);
    k = down ? k + 1 : k - 1;
    const fromX = at[middle + k]!;
    const fromY = fromX - k;
    while (x > (down ? fromX : fromX + 1) && y > (down ? fromY + 1 : fromY)) {
      steps.push(["same", a[--x]!]);
      y--;
    }
    if (down) steps.push(["added", b[--y]!]);
    else steps.push(["removed", a[--x]!]);
  }
  while (x > 0) steps.push(["same", a[--x]!]);
  return steps.reverse();
}

/** Puts what was taken away beside what came in its place. */
function pair(steps: readonly Step[]): DiffRow[] {
  const rows: DiffRow[] = [];
  let left: string[] = [];
  let right: string[] = [];
  const flush = () => {
    for (let i = 0; i < Math.max(left.length, right.length); i++) rows.push({ left: left[i] ?? null, right: right[i] ?? null, same: false });
    left = [];
    right = [];
  };
  for (const [kind, line] of steps) {
    if (kind === "removed") left.push(line);
    else if (kind === "added") right.push(line);
    else {
      flush();
      rows.push({ left: line, right: line, same: true });
    }
  }
  flush();
  return rows;
}

/** A stretch of equal lines that is folded away. */
export interface Fold {
  readonly fold: number;
}

/** Leaves a few equal lines around what differs and folds the rest. */
export function folded(rows: readonly DiffRow[], around = 3): (DiffRow | Fold)[] {
  const near = rows.map((_, index) => rows.slice(Math.max(0, index - around), index + around + 1).some((row) => !row.same));
  const shown: (DiffRow | Fold)[] = [];
  for (let index = 0; index < rows.length; index++) {
    if (near[index]) {
      shown.push(rows[index]!);
      continue;
    }
    let end = index;
    while (end < rows.length && !near[end]) end++;
    // To fold one or two lines saves nothing.
    if (end - index < 3) shown.push(...rows.slice(index, end));
    else shown.push({ fold: end - index });
    index = end - 1;
  }
  return shown;
}
