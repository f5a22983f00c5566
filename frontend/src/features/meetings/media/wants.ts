import { SourceKind } from "../../../api";

export interface Want {
  readonly deviceId: string;
  readonly kind: SourceKind;
  readonly height: number;
}

const PAUSE_MS = 1000;

/** Heights are told in steps, so that a window that is dragged does not say something new with every pixel. */
export function step(height: number): number {
  if (height <= 0) return 0;
  return Math.max(Math.round(height / 45) * 45, 45);
}

/** What tiles are shown, and how large: told at once when nothing was told lately, else at most once a second. What is gone is told as 0, once. */
export class Wants {
  private readonly tiles = new Map<string, Want & { readonly owner: object }>();
  private told = new Map<string, Want>();
  private timer: ReturnType<typeof setTimeout> | null = null;
  private last = Number.NEGATIVE_INFINITY;

  constructor(private readonly tell: (wants: Want[]) => void, private readonly now: () => number = () => performance.now()) {}

  /** `owner` is who shows it: a tile that is taken down after another one took its place takes nothing away. */
  show(owner: object, deviceId: string, kind: SourceKind, height: number): void {
    this.tiles.set(`${deviceId}/${kind}`, { owner, deviceId, kind, height: step(height) });
    this.plan();
  }

  hide(owner: object, deviceId: string, kind: SourceKind): void {
    const key = `${deviceId}/${kind}`;
    if (this.tiles.get(key)?.owner !== owner) return;
    this.tiles.delete(key);
    this.plan();
  }

  /** The engine is a new one, or forgot: tell everything again. */
  again(): void {
    this.told = new Map();
    this.plan();
  }

  close(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.tiles.clear();
  }

  private plan(): void {
    if (this.timer !== null) return;
    // A moment, so that what is drawn together is told together.
    this.timer = setTimeout(() => this.flush(), Math.max(this.last + PAUSE_MS - this.now(), 30));
  }

  private flush(): void {
    this.timer = null;
    const next = new Map<string, Want>();
    for (const [key, { deviceId, kind, height }] of this.tiles) next.set(key, { deviceId, kind, height });
    for (const [key, want] of this.told) if (!next.has(key) && want.height > 0) next.set(key, { ...want, height: 0 });
    const same = next.size === this.told.size && [...next].every(([key, want]) => this.told.get(key)?.height === want.height);
    if (same) return;
    this.told = next;
    this.last = this.now();
    this.tell([...next.values()]);
  }
}
