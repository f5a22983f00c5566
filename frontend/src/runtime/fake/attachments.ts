import { create } from "@bufbuild/protobuf";
import {
  AttachmentSchema, AttachmentState, UploadSchema, type Attachment, type AttachmentRequest, type ChatService, type Message, type Upload,
} from "../../api/gen/roundtable/v1/chat_pb";
import type { Methods } from "./service";
import { ME, refuse, type World } from "./world";

export type AttachmentMethod =
  | "startUpload" | "uploadPart" | "uploads" | "cancelUpload" | "fetchAttachment" | "cancelAttachment" | "saveAttachment";

interface Kept {
  readonly conversationID: string;
  readonly upload: Upload;
  readonly parts: Uint8Array[];
  readonly width: number;
  readonly height: number;
}

const PART = 1 << 20;
const worlds = new WeakMap<World, Map<string, Kept>>();

function uploadsOf(world: World): Map<string, Kept> {
  const found = worlds.get(world) ?? new Map<string, Kept>();
  worlds.set(world, found);
  return found;
}

const isPicture = (type: string) => /^image\/(png|jpeg|gif|webp)$/.test(type);

/** Makes uploads the files of a message, as sending does. */
export function attach(world: World, message: Message, uploadIDs: readonly string[]): void {
  const all = uploadsOf(world);
  for (const id of uploadIDs) {
    const kept = all.get(id) ?? refuse("not_found");
    const { name, mediaType, size } = kept.upload;
    all.delete(id);
    message.attachments.push(create(AttachmentSchema, {
      index: message.attachments.length, name, mediaType, size, width: kept.width, height: kept.height, fetched: size, state: AttachmentState.HERE,
      isPicture: isPicture(mediaType) && kept.width > 0, path: URL.createObjectURL(new Blob(kept.parts as BlobPart[], { type: mediaType })),
    }));
  }
}

/** As the program does: what others could not take is changed so that one sees it. */
function shared(name: string): string {
  const dot = Math.max(name.lastIndexOf("."), 0);
  return (name.slice(0, Math.min(dot, 240)) + name.slice(dot)).replace(/[/\\\u202a-\u202e\u2066-\u2069]/gu, "_").slice(0, 255);
}

export function attachmentMethods(world: World): Pick<Methods<typeof ChatService>, AttachmentMethod> {
  const all = uploadsOf(world);
  const find = ({ conversationId, messageId, index }: AttachmentRequest): Attachment =>
    world.conversation(conversationId).log.find((message) => message.id === messageId)?.attachments[index] ?? refuse("not_found");
  return {
    startUpload({ conversationId, name, mediaType, size, width, height }) {
      if (name.trim() === "") refuse("name_empty");
      const upload = create(UploadSchema, { id: world.id("up"), name: shared(name), mediaType, size, partSize: PART });
      all.set(upload.id, { conversationID: conversationId, upload, parts: [], width, height });
      return upload;
    },
    uploadPart({ uploadId, offset, data }) {
      const { upload, parts } = all.get(uploadId) ?? refuse("not_found");
      if (offset === upload.received) {
        parts.push(data);
        upload.received += BigInt(data.length);
      }
      return upload;
    },
    uploads: ({ conversationId }) => ({ uploads: [...all.values()].filter((kept) => kept.conversationID === conversationId).map((kept) => kept.upload) }),
    cancelUpload({ uploadId }) {
      all.delete(uploadId);
      return {};
    },
    fetchAttachment(request) {
      const file = find(request);
      file.state = AttachmentState.FETCHING;
      const step = () => {
        if (file.state !== AttachmentState.FETCHING) return;
        file.fetched = file.fetched + file.size / 8n > file.size ? file.size : file.fetched + file.size / 8n;
        if (file.fetched === file.size) file.state = AttachmentState.HERE;
        else world.later(300, step);
        world.changed(`chat:${request.conversationId}`);
      };
      world.later(300, step);
      world.changed(`chat:${request.conversationId}`);
      return file;
    },
    cancelAttachment(request) {
      const file = find(request);
      file.state = AttachmentState.ABSENT;
      world.changed(`chat:${request.conversationId}`);
      return file;
    },
    saveAttachment: (request) => ({ name: find(request).name }),
  };
}

const drawing = (width: number, height: number, tint: string) => `data:image/svg+xml,${encodeURIComponent(
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 16 9" preserveAspectRatio="none"><path fill="${tint}" d="M0 0h16v9H0z"/><path fill="#fff8" d="M0 9 5 3l3 4 3-3 5 5z"/></svg>`,
)}`;

/** The scene "files": every state of a file once. */
export function seedFiles(world: World): void {
  const id = [...world.conversations.keys()][1]!;
  const other = world.conversation(id).value.memberIds.find((member) => member !== ME)!;
  const say = (person: string, text: string, ...files: Partial<Omit<Attachment, "$typeName">>[]) => {
    const message = world.post(id, person, text);
    message.attachments = files.map((file, index) => create(AttachmentSchema, { index, state: AttachmentState.HERE, fetched: file.state === undefined ? file.size! : 0n, path: drawing(4, 3, "#5a8"), ...file }));
  };
  say(other, "现场照片和最新图纸", { name: "现场照片.jpg", mediaType: "image/jpeg", size: 1_843_000n, width: 1600, height: 900, isPicture: true, path: drawing(1600, 900, "#2d8a78") },
    { name: "一层平面图 2026-11-23.dwg", mediaType: "application/octet-stream", size: 18_400_000n, state: AttachmentState.ABSENT });
  say(other, "", { name: "施工录像.mp4", mediaType: "video/mp4", size: 2_340_000_000n, fetched: 871_000_000n, state: AttachmentState.FETCHING },
    { name: "竖屏截图.png", mediaType: "image/png", size: 640_000n, width: 720, height: 1280, isPicture: true, state: AttachmentState.WAITING });
  say(other, "", { name: "旧合同.pdf", mediaType: "application/pdf", size: 880_000n, state: AttachmentState.FAILED, errorCode: "attachment_damaged" },
    { name: "a very long file name that does not fit into the card at all, final version (3).docx", mediaType: "application/x", size: 44_000n, state: AttachmentState.WAITING });
  say(other, "纪要和样本", { name: "会议纪要.txt", mediaType: "text/plain", size: 1_200n, path: `data:text/plain;charset=utf-8,${encodeURIComponent("会议纪要\n\n1. 采购清单周五前确认。\n2. 图纸以 2026-11-23 版为准。\n")}` },
    { name: "合同样本.pdf", mediaType: "application/pdf", size: 84_000n, path: "/documents/contracts/sample" });
  say(ME, "报价在这里", { name: "报价单.xlsx", mediaType: "application/x", size: 5_200_000n, depositing: true, deposited: 2_100_000n });
  say(ME, "", { name: "宽.png", mediaType: "image/png", size: 90_000n, width: 2400, height: 200, isPicture: true, path: drawing(2400, 200, "#b66") }, { name: "资料.zip", mediaType: "application/zip", size: 912n });
}
