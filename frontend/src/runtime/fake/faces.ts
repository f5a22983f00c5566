// Painted people and a painted screen, for pictures without cameras.

const ROOMS = [["#4b6b63", "#3c5750"], ["#6b5a45", "#574836"], ["#4e5573", "#3f4660"], ["#6d4b50", "#593c41"], ["#56663f", "#465433"], ["#3f5b70", "#334b5d"]] as const;
const SKINS = ["#e7c3a4", "#d9ae8c", "#c99a77", "#f0d2b8", "#a97c5c"] as const;
const HAIRS = ["#1f1b1a", "#3a2a20", "#2b2b30", "#56493f", "#141414"] as const;
const CLOTHES = ["#e6ebe8", "#2f3d4f", "#8c9b8f", "#7a4c3f", "#c9b68c", "#39574f"] as const;

function hash(text: string): number {
  let value = 17;
  for (let i = 0; i < text.length; i++) value = (value * 33 + text.charCodeAt(i)) >>> 0;
  return value;
}

export function paintFace(context: CanvasRenderingContext2D, id: string, at: number): void {
  const { width, height } = context.canvas;
  const seed = hash(id);
  const pick = <T>(all: readonly T[], shift: number): T => all[(seed >>> shift) % all.length]!;
  const [wall, floor] = pick(ROOMS, 2);
  const sway = Math.sin(at / 900 + seed) * width * 0.006;
  const breath = Math.sin(at / 1300 + seed) * height * 0.004;
  context.fillStyle = wall;
  context.fillRect(0, 0, width, height);
  // A shelf or a window behind: rooms differ.
  context.fillStyle = floor;
  if (seed % 2 === 0) for (let i = 0; i < 3; i++) context.fillRect(width * 0.06, height * (0.16 + i * 0.2), width * 0.26, height * 0.035);
  else context.fillRect(width * 0.68, height * 0.1, width * 0.24, height * 0.5);
  const x = width / 2 + sway;
  const head = height * 0.17;
  const y = height * 0.43 + breath;
  const long = seed % 3 === 0;
  context.fillStyle = pick(HAIRS, 5);
  if (long) ellipse(context, x, y + head * 0.55, head * 1.12, head * 1.75);
  context.fillStyle = pick(CLOTHES, 7);
  ellipse(context, x, height * 1.02 + breath, width * 0.25, height * 0.36);
  context.fillStyle = pick(SKINS, 9);
  context.fillRect(x - head * 0.32, y + head * 0.7, head * 0.64, head * 0.7);
  ellipse(context, x, y, head * 0.86, head * 1.08);
  context.fillStyle = pick(HAIRS, 5);
  context.beginPath();
  context.ellipse(x, y - head * 0.3, head * 0.94, head * 0.92, 0, Math.PI, 0);
  context.ellipse(x + head * 0.14, y - head * 0.34, head * 0.7, head * 0.3, 0, 0, Math.PI);
  context.fill();
}

function ellipse(context: CanvasRenderingContext2D, x: number, y: number, rx: number, ry: number): void {
  context.beginPath();
  context.ellipse(x, y, rx, ry, 0, 0, Math.PI * 2);
  context.fill();
}

/** A table of prices that somebody shows. */
export function paintScreen(context: CanvasRenderingContext2D, at: number): void {
  const { width, height } = context.canvas;
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, width, height);
  context.fillStyle = "#1c786a";
  context.fillRect(0, 0, width, 64);
  context.fillStyle = "#ffffff";
  context.font = '600 26px "Noto Sans CJK SC", sans-serif';
  context.fillText("门店改造 · 采购清单 2026", 28, 41);
  const rows = [["灯具", "48 套", "31,200", "12月3日"], ["石材样品 A", "12 m²", "18,960", "12月8日"], ["窗帘", "26 幅", "9,880", "12月8日"], ["展柜", "6 组", "74,400", "12月15日"], ["地毯", "210 m²", "42,000", "12月15日"], ["门锁", "18 把", "7,560", "12月3日"]];
  const columns = [40, 460, 720, 980];
  context.font = '600 22px "Noto Sans CJK SC", sans-serif';
  context.fillStyle = "#5f6762";
  ["名称", "数量", "金额（元）", "到货"].forEach((word, index) => context.fillText(word, columns[index]!, 122));
  context.font = '24px "Noto Sans CJK SC", sans-serif';
  rows.forEach((row, line) => {
    const y = 180 + line * 78;
    if (Math.floor(at / 2000) % rows.length === line) {
      context.fillStyle = "#e2f0ec";
      context.fillRect(20, y - 42, width - 40, 64);
    }
    context.fillStyle = "#1d2320";
    row.forEach((cell, index) => context.fillText(cell, columns[index]!, y));
    context.fillStyle = "#e4e1d9";
    context.fillRect(28, y + 28, width - 56, 1);
  });
}
