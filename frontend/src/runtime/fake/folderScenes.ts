import { create } from "@bufbuild/protobuf";
import { EntryState, FolderMemberSchema, FolderMode, FolderRole, FolderState } from "../../api/gen/roundtable/v1/folders_pb";
import { drawing, FolderBox, textUrl, type FakeFile } from "./folderBox";
import type { Folders } from "./folders";
import { ME, type World } from "./world";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const KB = 1000;
const MB = 1000 * KB;

const OLD = "采购清单（第二版）\n\n灯具 48 套\n石材 320 平方米\n地毯 120 平方米\n交货日期：12 月 10 日\n付款：3-6-1\n联系人：王敏\n";
const NEW = "采购清单（第三版）\n\n灯具 52 套，分两批到货\n石材 320 平方米\n地毯 120 平方米\n窗帘 26 幅\n交货日期：12 月 18 日\n付款：3-6-1\n联系人：王敏\n";
const THEIRS = "采购清单（第三版）\n\n灯具 52 套，分两批到货\n石材 305 平方米（含损耗）\n地毯 120 平方米\n交货日期：12 月 15 日\n付款：2-7-1\n联系人：王敏、赵一鸣\n";

class Scene {
  constructor(private readonly world: World, private readonly folders: Folders, private readonly ws: string) {}

  open(name: string, owner: string, init: ConstructorParameters<typeof FolderBox>[3], others: readonly (readonly [string, FolderRole, boolean?])[]): FolderBox {
    const box = new FolderBox(this.world, this.ws, name, init);
    const member = (personId: string, role: FolderRole, hasEverything: boolean, owns = false) => create(FolderMemberSchema, { personId, role, hasEverything, owner: owns });
    box.members = [member(owner, FolderRole.MANAGE, owner !== ME || init?.mode !== FolderMode.LISTED, true)];
    if (owner !== ME) box.members.push(member(ME, init?.role ?? FolderRole.WRITE, init?.mode !== FolderMode.LISTED));
    for (const [person, role, has] of others) box.members.push(member(person, role, has ?? true));
    box.value.holders = box.members.filter((one) => one.hasEverything && one.personId !== ME).length;
    this.folders.boxes.push(box);
    return box;
  }

  purchasing(): FolderBox {
    const now = Date.now();
    const box = this.open("采购 2026", ME, {}, [["per_wang", FolderRole.WRITE], ["per_chen", FolderRole.WRITE], ["per_zhao", FolderRole.READ, false], ["per_anna", FolderRole.READ, false]]);
    const put = (path: string, size: number, by: string, ago: number, init: Partial<FakeFile> = {}) => box.put(path, size, { by, at: now - ago, ...init });
    put("采购清单.txt", 216, "per_wang", 25 * MINUTE, {
      url: textUrl(NEW),
      versions: [
        { id: "ver_c", by: "per_wang", at: now - 25 * MINUTE, size: 216, url: textUrl(NEW), removed: false },
        { id: "ver_b", by: ME, at: now - 2 * DAY, size: 178, url: textUrl(OLD), removed: false },
        { id: "ver_a", by: ME, at: now - 9 * DAY, size: 96, url: textUrl(OLD.slice(0, 40)), removed: false },
      ],
    });
    put("原材料采购合同（修订三）.pdf", 2.4 * MB, "per_wang", 2 * HOUR, { url: textUrl("%PDF") });
    put("报价单.xlsx", 88 * KB, "per_chen", 5 * HOUR, { url: textUrl("PK") });
    put("报价单 2.xlsx", 91 * KB, "per_chen", 4 * HOUR, { url: textUrl("PK") });
    put("报价单 10.xlsx", 93 * KB, "per_chen", 3 * HOUR, { url: textUrl("PK") });
    put("关于展厅二层石材铺装工程材料品牌变更及交货期顺延有关事项的补充说明（征求意见稿第七次修订）.docx", 640 * KB, "per_ouyang", 2 * DAY, { url: textUrl("PK") });
    put("README.md", 1.2 * KB, ME, 20 * DAY, { url: textUrl("# 采购 2026\n\n合同放在“合同”里，样品照片放在“样品”里。\n文件名写上日期，谢谢。\n") });
    put("样品/石材样品 A.jpg", 3.8 * MB, "per_chen", 28 * HOUR, { url: drawing("#2d8a78") });
    put("样品/石材样品 B.jpg", 4.1 * MB, "per_chen", 28 * HOUR, { url: drawing("#8a6a2d") });
    for (let i = 1; i <= 34; i++) put(`样品/照片/IMG_${1200 + i}.jpg`, (2.2 + (i % 7) / 5) * MB, "per_chen", 30 * HOUR + i * MINUTE, { url: drawing("#456a8f") });
    for (let i = 1; i <= 18; i++) put(`合同/2026/合同 ${i}.pdf`, 1.1 * MB + i * 40 * KB, i % 3 === 0 ? "per_wang" : ME, i * DAY, { url: textUrl("%PDF") });
    put("合同/模板.docx", 42 * KB, ME, 60 * DAY, { url: textUrl("PK") });
    put("财务/付款计划.xlsx", 61 * KB, "per_zhao", 3 * DAY, { url: textUrl("PK") });
    const gone = box.put("旧报价/2025 报价单.xlsx", 77 * KB, { at: now - 90 * DAY, url: textUrl("PK") });
    gone.versions.unshift({ id: this.world.id("ver"), by: ME, at: now - 3 * DAY, size: 0, url: "", removed: true });
    const note = box.put("临时笔记.txt", 120, { by: "per_chen", at: now - 12 * DAY, url: textUrl("周三去石材厂，带卷尺。\n") });
    note.versions.unshift({ id: this.world.id("ver"), by: "per_chen", at: now - 26 * HOUR, size: 0, url: "", removed: true });
    for (const file of [note, gone]) {
      box.files.delete(file.path);
      box.removed.push(file);
    }
    box.said(ME, "added", "合同/模板.docx", now - 60 * DAY);
    for (let i = 60; i > 0; i--) box.said(i % 3 === 0 ? "per_wang" : "per_chen", "changed", `合同/2026/合同 ${1 + (i % 18)}.pdf`, now - 3 * DAY - i * HOUR);
    box.said("per_chen", "removed", "临时笔记.txt", now - 26 * HOUR);
    box.said("per_chen", "several_added", "样品/照片", now - 28 * HOUR, 34);
    box.said("per_chen", "moved", "报价单 10.xlsx", now - 3 * HOUR, 1, "草稿/报价单 10.xlsx");
    box.said("per_wang", "added", "原材料采购合同（修订三）.pdf", now - 2 * HOUR);
    box.said("per_wang", "changed", "采购清单.txt", now - 25 * MINUTE);
    box.reused = 48 * MB;
    box.came = 131 * MB;
    box.count();
    return box;
  }

  coming(): FolderBox {
    const box = this.open("设计稿", "per_li", { role: FolderRole.WRITE, bytesPerSecond: 24_000_000n, sources: [
      { $typeName: "roundtable.v1.FolderSource", personName: "李卓然", deviceName: "台式机", via: "lan" },
    ] }, [["per_chen", FolderRole.WRITE], ["per_xu", FolderRole.WRITE, false]]);
    for (let i = 1; i <= 117; i++) box.put(`门店改造/${i <= 60 ? "平面" : "立面"}/图 ${i}.dwg`, 26 * MB, { by: "per_li", url: textUrl("AC1032") });
    box.put("灯光方案.psd", 340 * MB, { by: "per_li", at: Date.now() - 4 * MINUTE, state: EntryState.FETCHING, fetched: 126 * MB });
    box.put("效果图 1.png", 48 * MB, { by: "per_li", at: Date.now() - 4 * MINUTE, state: EntryState.FETCHING, fetched: 9 * MB });
    box.put("效果图 2.png", 52 * MB, { by: "per_li", at: Date.now() - 4 * MINUTE, state: EntryState.FETCHING });
    box.put("说明.txt", 82, { by: ME, at: Date.now() - MINUTE, state: EntryState.CHANGED_HERE, url: textUrl("灯光方案以李卓然最新一版为准。\n") });
    box.value.unsaid = 1n;
    box.reused = 890 * MB;
    box.came = 2140 * MB;
    box.said("per_li", "several", "门店改造/立面", Date.now() - 6 * MINUTE, 3);
    box.count();
    return box;
  }

  offered(name = "现场资料与照片", role = FolderRole.WRITE): FolderBox {
    const box = this.open(name, "per_li", { mode: FolderMode.LISTED, localPath: "", role }, [["per_sun", FolderRole.WRITE], ["per_zhou", FolderRole.READ, false]]);
    for (let i = 1; i <= 80; i++) box.put(`照片/11 月/现场 ${i}.jpg`, 30 * MB, { by: "per_sun" });
    for (let i = 1; i <= 30; i++) box.put(`录像/施工录像 ${i}.mp4`, 24 * MB, { by: "per_sun" });
    for (let i = 1; i <= 10; i++) box.put(`测量/数据 ${i}.csv`, 9 * MB, { by: "per_zhou" });
    box.said("per_sun", "several_added", "照片/11 月", Date.now() - 50 * MINUTE, 80);
    box.count();
    return box;
  }

  withConflicts(box: FolderBox): void {
    const now = Date.now();
    const clash = (original: string, copy: string, size: number, url: string) => {
      box.put(copy, size, { by: "per_zhao", at: now - 12 * MINUTE, url, isConflict: true });
      box.conflicts.push({ original, copy });
    };
    clash("采购清单.txt", "采购清单 (conflict 赵一鸣 2026-11-27 10.12.08).txt", 231, textUrl(THEIRS));
    clash("样品/石材样品 A.jpg", "样品/石材样品 A (conflict 赵一鸣 2026-11-27 10.12.08).jpg", 3.9 * MB, drawing("#b4553a", "M0 10 6 5l3 3 3-2 4 4z"));
    clash("报价单.xlsx", "报价单 (conflict 赵一鸣 2026-11-27 10.12.08).xlsx", 90 * KB, textUrl("PK"));
    box.count();
  }

  withProblems(box: FolderBox): void {
    const now = Date.now();
    const bad = (path: string, errorCode: string) => box.put(path, 42 * KB, { by: "per_chen", at: now - 3 * HOUR, state: EntryState.PROBLEM, errorCode });
    bad("样品/尺寸: 长?宽?.xlsx", "entry_name");
    bad("合同/2026/合同 7.PDF", "entry_clash");
    bad("财务/付款计划（在用）.xlsx", "entry_locked");
    bad("样品/外部素材", "entry_link");
    bad("合同/扫描件/大图.tif", "entry_damaged");
    Object.assign(box.value, { watchLimited: true, watchNeeded: 96_412n, watchLimit: 8192n, pollSeconds: 60 });
    box.count();
  }

  resting(): void {
    const rest = (name: string, state: FolderState, init: ConstructorParameters<typeof FolderBox>[3] = {}) => {
      const box = this.open(name, "per_li", { role: FolderRole.WRITE, ...init, state }, [["per_chen", FolderRole.WRITE]]);
      for (let i = 1; i <= 40; i++) box.put(`资料 ${i}.pdf`, 3 * MB, { by: "per_li", url: textUrl("%PDF") });
      return box;
    };
    const paused = rest("归档", FolderState.PAUSED);
    paused.count(FolderState.PAUSED);
    const held = rest("施工录像", FolderState.HELD, { heldBy: "battery" });
    held.put("录像 1.mp4", 900 * MB, { by: "per_li", state: EntryState.WAITING });
    held.count(FolderState.HELD);
    const stopped = rest("移动硬盘备份", FolderState.STOPPED, { errorCode: "folder_gone", localPath: "/media/usb/备份" });
    stopped.count(FolderState.STOPPED);
    const waiting = rest("Regional procurement documents of the northern branch offices", FolderState.WAITING);
    for (let i = 1; i <= 3; i++) waiting.put(`Delivery plan ${i}.xlsx`, 2 * MB, { by: "per_alex", state: EntryState.WAITING });
    waiting.away = true;
    waiting.count(FolderState.WAITING);
    const listed = rest("人事表格", FolderState.LISTED, { mode: FolderMode.LISTED, localPath: "", role: FolderRole.READ });
    for (const file of listed.files.values()) file.state = EntryState.LISTED;
    listed.count(FolderState.LISTED);
    const unsent = rest("会议纪要", FolderState.UP_TO_DATE, { unsent: 2n });
    unsent.count(FolderState.UP_TO_DATE);
  }

  many(): void {
    const box = this.open("一万张照片", ME, {}, [["per_chen", FolderRole.WRITE]]);
    const people = ["per_chen", "per_li", ME];
    for (let i = 1; i <= 10_000; i++) box.put(`照片 ${i}.jpg`, (1 + (i % 90) / 10) * MB, { by: people[i % 3]!, at: Date.now() - i * MINUTE, url: drawing("#567") });
    box.count();
  }
}

/** The folders of a scene: "folders-empty", "-offered", "-busy", "-conflicts", "-problems", "-many"; a few in every office. */
export function seedFolders(world: World, folders: Folders, name: string): void {
  const ws = world.workspaces[0]?.id;
  if (!ws || !world.members.get(ws)!.some((member) => member.personId === "per_li")) return;
  const scene = new Scene(world, folders, ws);
  switch (name) {
    case "folders-empty":
      return;
    case "folders-offered":
      scene.offered();
      scene.offered("效果图（只读）", FolderRole.READ);
      return;
    case "folders-busy":
      scene.purchasing();
      scene.coming();
      scene.offered();
      scene.resting();
      return;
    case "folders-conflicts":
      scene.withConflicts(scene.purchasing());
      scene.coming();
      return;
    case "folders-problems":
      scene.withProblems(scene.purchasing());
      return;
    case "folders-many":
      scene.many();
      return;
    default:
      scene.purchasing();
      scene.coming();
      scene.offered();
  }
}
