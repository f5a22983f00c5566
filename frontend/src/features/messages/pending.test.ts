// @vitest-environment jsdom
import { expect, it, vi } from "vitest";
import { createApi, problemOf } from "../../api";
import { fakeRuntime } from "../../runtime/fake";
import { MOST_FILES, PendingFiles } from "./pending";

function open() {
  const runtime = fakeRuntime("alone", 0);
  const id = runtime.world.workspaces[0]!.id;
  let failures = 0;
  const api = createApi(async (input, init) => {
    if (failures > 0 && String(input).endsWith("/UploadPart")) {
      failures--;
      throw new TypeError("the program does not answer");
    }
    return runtime.fetch(input, init);
  });
  return { api, id, files: new PendingFiles(api, id), fail: (times: number) => { failures = times; } };
}

const file = (name: string, size: number) => new File([new Uint8Array(size)], name, { type: "text/plain" });

it("uploads one file after the other and gives their names", async () => {
  const { api, id, files } = open();
  files.add([file("a.bin", (1 << 20) + 5), file("empty.txt", 0)]);
  const { keys, uploadIDs } = await files.ready();
  expect(files.list().map(({ name, state, received }) => ({ name, state, received }))).toEqual([
    { name: "a.bin", state: "ready", received: (1 << 20) + 5 }, { name: "empty.txt", state: "ready", received: 0 },
  ]);
  const sent = await api.chat.send({ conversationId: id, text: "", nonce: "n", uploadIds: uploadIDs });
  expect(sent.attachments.map((attachment) => attachment.name)).toEqual(["a.bin", "empty.txt"]);
  files.sent(keys);
  expect(files.list()).toEqual([]);
});

it("sends a part again that got lost, and goes on where it was after a retry", async () => {
  const { files, fail } = open();
  fail(1);
  files.add([file("a.bin", 10)]);
  await files.ready();
  fail(3);
  files.add([file("b.bin", 10)]);
  await expect(files.ready()).rejects.toBeDefined();
  expect(files.list().map((item) => item.state)).toEqual(["ready", "failed"]);
  files.resume(files.list()[1]!.key);
  expect((await files.ready()).uploadIDs).toHaveLength(2);
});

it("says what is wrong with a file, and takes others all the same", async () => {
  const { files } = open();
  files.add([file(" ", 1), file("b.txt", 1)]);
  await expect(files.ready()).rejects.toBeDefined();
  const [wrong, good] = files.list();
  expect(problemOf(wrong!.cause).code).toBe("name_empty");
  expect(good!.state).toBe("ready");
  files.remove(wrong!.key);
  expect((await files.ready()).uploadIDs).toHaveLength(1);
});

it("shows the name under which a file goes, where its own could not be taken", async () => {
  const { files } = open();
  files.add([file("photo\u202egnp.exe", 1), file(`${"x".repeat(300)}.pdf`, 1), file("a.txt", 1)]);
  await files.ready();
  expect(files.list().map(({ name, renamed }) => [name.replace(/x+/, "x"), renamed])).toEqual([["photo_gnp.exe", true], ["x.pdf", true], ["a.txt", false]]);
});

it("takes as many as a message does, and finds again what was not sent", async () => {
  const { api, id, files } = open();
  files.add(Array.from({ length: MOST_FILES + 3 }, (_, index) => file(`${index}.txt`, 1)));
  expect(files.list()).toHaveLength(MOST_FILES);
  await files.ready();
  const later = new PendingFiles(api, id);
  await later.restore();
  expect(later.list().map((item) => item.name)).toEqual(files.list().map((item) => item.name));
  later.remove(later.list()[0]!.key);
  expect((await later.ready()).uploadIDs).toHaveLength(MOST_FILES - 1);
});

it("pauses and goes on where it was, and goes on after a reload with the same file only", async () => {
  const { api, id } = open();
  let hold = () => {};
  let sent = 0;
  const slow = createApi(async () => { throw new Error("not asked"); });
  const held = { ...api, chat: { ...api.chat, uploadPart: async (...args: Parameters<typeof slow.chat.uploadPart>) => {
    if (++sent === 2) {
      await new Promise<void>((done, fail) => {
        hold = done;
        args[1]?.signal?.addEventListener("abort", () => fail(new DOMException("broken off", "AbortError")));
      });
    }
    return api.chat.uploadPart(...args);
  } } } as typeof api;
  const files = new PendingFiles(held, id);
  const large = new File([new Uint8Array(3 << 20)], "a.bin", { lastModified: 5 });
  files.add([large]);
  const key = files.list()[0]!.key;
  const received = () => files.list()[0]!.received;
  await vi.waitFor(() => expect(sent).toBe(2));
  files.pause(key);
  expect(files.list()[0]!.state).toBe("paused");
  await new Promise((done) => setTimeout(done, 0));
  expect([files.list()[0]!.state, received()]).toEqual(["paused", 1 << 20]);
  hold();

  // A reload: the page knows the upload and cannot read the file by itself.
  const later = new PendingFiles(api, id);
  await later.restore();
  expect(later.list().map(({ name, state, received: done }) => [name, state, done])).toEqual([["a.bin", "cut", 1 << 20]]);
  later.add([new File([new Uint8Array(3 << 20)], "a.bin", { lastModified: 6 })]);
  expect(later.list().map((item) => item.state)).toEqual(["cut", "uploading"]);
  later.add([large]);
  await vi.waitFor(() => expect(later.list().map((item) => item.state)).toEqual(["ready", "ready"]));

  files.resume(key);
  expect((await files.ready()).uploadIDs).toHaveLength(1);
});

it("brings bytes as they are where the shell lets it, and by calls where it does not", async () => {
  const { api, id } = open();
  const asked: string[] = [];
  const bare = new PendingFiles(api, id, (path, init) => {
    asked.push(String(path));
    const offset = /^\/files\/uploads\/\w+\/(\d+)$/.exec(String(path))![1]!;
    return Promise.resolve(Response.json({ received: Number(offset) + (init!.body as Blob).size }));
  });
  bare.add([file("a.bin", (8 << 20) + 3)]);
  await bare.ready();
  expect(asked.map((path) => path.split("/").at(-1))).toEqual(["0", String(8 << 20)]);
  const refusing = vi.fn(() => Promise.resolve(new Response("", { status: 404 })));
  const fallen = new PendingFiles(api, id, refusing);
  fallen.add([file("b.bin", (2 << 20) + 3)]);
  await fallen.ready();
  expect(refusing).toHaveBeenCalledTimes(1);
});

it("measures a picture without unpacking it, and draws none that would take all memory", async () => {
  const { api, id } = open();
  let sides = { naturalWidth: 0, naturalHeight: 0 };
  const decoded = vi.fn();
  vi.stubGlobal("Image", class {
    onload = () => {};
    onerror = () => {};
    decode = decoded;
    removeAttribute() {}
    set src(_: string) {
      Object.assign(this, sides);
      queueMicrotask(() => (sides.naturalWidth > 0 ? this.onload() : this.onerror()));
    }
  });
  let made = 0;
  vi.stubGlobal("URL", Object.assign(URL, { createObjectURL: () => `blob:${++made}`, revokeObjectURL: () => {} }));
  const started: number[][] = [];
  const watched = { ...api, chat: { ...api.chat, startUpload: (request: Parameters<typeof api.chat.startUpload>[0]) => {
    started.push([request.width!, request.height!]);
    return api.chat.startUpload(request);
  } } } as typeof api;
  const previews: boolean[] = [];
  for (const side of [1, 30_000, 640, 0]) {
    sides = { naturalWidth: side, naturalHeight: side };
    const files = new PendingFiles(watched, id);
    files.add([new File([new Uint8Array(70)], "a.png", { type: "image/png" })]);
    await files.ready();
    previews.push(files.list()[0]!.preview !== "");
  }
  expect(previews).toEqual([true, false, true, false]);
  expect(started).toEqual([[1, 1], [30_000, 30_000], [640, 640], [0, 0]]);
  expect(decoded).not.toHaveBeenCalled();
  vi.unstubAllGlobals();
});
