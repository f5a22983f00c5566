import type { MessageInitShape } from "@bufbuild/protobuf";
import type { BrowseResponseSchema } from "../../api/gen/roundtable/v1/folders_pb";
import { refuse } from "./world";

const HOME = "/home/shen";
const TREE = [
  HOME, `${HOME}/圆桌`, `${HOME}/圆桌/设计稿`, `${HOME}/文档`, `${HOME}/文档/合同`, `${HOME}/文档/合同/2026`, `${HOME}/文档/会议纪要`, `${HOME}/图片`, `${HOME}/图片/现场照片`,
  `${HOME}/下载`, `${HOME}/项目`, `${HOME}/项目/门店改造`, `${HOME}/项目/门店改造/灯光方案`, `${HOME}/项目/二期工程与市政管网接驳可行性研究报告（送审稿）`, "/media/usb", "/media/usb/备份", "/etc",
];

/** Folders of this computer, as a chooser sees them. */
export class LocalDisk {
  private readonly paths = new Set(TREE);

  problem(path: string): string {
    if ([HOME, "/media/usb", "/etc"].includes(path)) return "folder_unsuitable";
    if (path === `${HOME}/下载`) return "folder_unreadable";
    return "";
  }

  browse(path: string, other: (path: string) => string): MessageInitShape<typeof BrowseResponseSchema> {
    const row = (full: string) => ({ path: full, name: full.slice(full.lastIndexOf("/") + 1), errorCode: this.problem(full) || other(full) });
    const rest = { freeBytes: 182_400_000_000n, suggested: `${HOME}/圆桌` };
    if (path === "") return { ...rest, path: "", parent: "", folders: [HOME, `${HOME}/文档`, `${HOME}/图片`, "/media/usb"].map(row) };
    if (!this.paths.has(path)) refuse("folder_missing");
    const inside = [...this.paths].filter((full) => full.startsWith(`${path}/`) && !full.slice(path.length + 1).includes("/"));
    const parent = path.slice(0, path.lastIndexOf("/"));
    return { ...rest, path, parent: this.paths.has(parent) ? parent : "", folders: inside.map(row) };
  }

  make(parent: string, name: string): void {
    if (!this.paths.has(parent)) refuse("folder_missing");
    this.paths.add(`${parent}/${name}`);
  }
}
