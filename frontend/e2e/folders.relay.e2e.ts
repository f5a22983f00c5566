import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFailed } from "vitest";
import { createWorkspace, inside, joinByInvite, makeInvite, setUp } from "./deeds";
import type { Desk } from "./desk";
import { addRelay, keepWhole, openFolders, Place, row, says, sentence, share } from "./folderdeeds";
import { RelayNet } from "./relaynet";
import { either, say } from "./words";

// A shared folder whose members are never there at the same time, and only a relay between them. The stories follow each other.

const COMPANY = `远方事务所 ${Math.random().toString(36).slice(2, 8)}`;
const FOLDER = "竞标文件";
const SECRET = "底价三百二十万元，只给王敏看";
/** Over a relay everything takes a few steps more; what is to wait there is put down ten seconds after it was written. */

let net: RelayNet;
let li: Desk;
let wang: Desk;
let lis: Place;
let wangs: Place;
const photo = randomBytes(3_000_000);

function tellOnFailure(): void {
  onTestFailed(() => {
    for (const desk of [li, wang]) console.error(`--- ${desk?.name}\n${desk?.tail()}`);
    console.error(`--- relay\n${net.tail()}`);
  });
}

async function back(desk: Desk): Promise<void> {
  await desk.start();
  await inside(desk.page);
  await openFolders(desk, FOLDER);
}

beforeAll(async () => {
  net = await RelayNet.open(2);
});
afterAll(async () => {
  for (const desk of [li, wang]) await desk?.close();
  await net?.close();
});

describe("a folder over a relay", () => {
  it("is shared by somebody who then goes home", async () => {
    tellOnFailure();
    const link = await net.startRelay();
    li = await net.sitDown(0, "li", { language: "zh" });
    await setUp(li, "李卓然");
    await createWorkspace(li, COMPANY);
    await addRelay(li, link);
    await li.page.locator(`[data-relay="${net.host}:${net.port}"]`).getByText(/已连接/).waitFor();
    const invite = await makeInvite(li);
    wang = await net.sitDown(1, "wang", { language: "en" });
    await setUp(wang, "王敏");
    await joinByInvite(wang, invite, COMPANY);
    await wang.stop();
    lis = new Place(join(li.home, FOLDER));
    wangs = new Place(join(wang.home, "Roundtable", FOLDER));
    lis.write("报价/底价.txt", `${SECRET}\n`);
    lis.write("报价/明细.csv", "品名,数量\n灯具,48\n");
    lis.write("现场.jpg", photo);
    await share(li, FOLDER, { 王敏: "write" });
    await says(li, "unsent_other", { n: 3 });
    // It says so once the relay has it: then she may leave.
    await expect.poll(() => sentence(li).textContent()).toMatch(either("folders.state.upToDate"));
    await li.stop();
  });

  it("reaches the other one from what the relay kept", async () => {
    tellOnFailure();
    await wang.start();
    await inside(wang.page);
    await keepWhole(wang, FOLDER);
    await expect.poll(() => wangs.read("报价/底价.txt")).toBe(`${SECRET}\n`);
    await wangs.matches("报价/明细.csv", lis);
    await wangs.matches("现场.jpg", lis);
    await says(wang, "upToDate");
    await row(wang, /现场\.jpg/).getByText(say("en", "folders.entry.here")).waitFor();
  });

  it("takes the answer back the same way, and only what changed", async () => {
    tellOnFailure();
    wangs.write("报价/底价.txt", `${SECRET}，已阅\n`);
    wangs.move("现场.jpg", "照片/现场.jpg");
    await wangs.has("报价/底价.txt", `${SECRET}，已阅\n`);
    await expect.poll(() => sentence(wang).textContent()).toMatch(/of yours (?:is|are) on this computer only/);
    await expect.poll(() => sentence(wang).textContent()).toMatch(either("folders.state.upToDate"));
    await wang.stop();
    await back(li);
    await expect.poll(() => lis.read("报价/底价.txt")).toBe(`${SECRET}，已阅\n`);
    await lis.matches("照片/现场.jpg", wangs);
    await lis.lacks("现场.jpg");
    await says(li, "upToDate");
  });

  it("left neither names nor content readable at the relay", async () => {
    await net.stopRelay();
    const files = readdirSync(net.stored, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => readFileSync(join(entry.parentPath, entry.name)));
    // The photograph lies there, sealed.
    expect(files.reduce((total, file) => total + file.length, 0)).toBeGreaterThan(photo.length);
    const secrets: (string | Buffer)[] = [SECRET, "底价", "明细", FOLDER, "报价", "现场.jpg", "品名,数量", "王敏", COMPANY, photo.subarray(1_000_000, 1_000_032)];
    for (const secret of secrets) {
      expect(files.some((file) => file.includes(secret)), String(secret)).toBe(false);
      if (typeof secret === "string") expect(net.logged).not.toContain(secret);
    }
  });
});
