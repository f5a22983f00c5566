import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL(".", import.meta.url));

/** What each floor may import, and why the rest is a wall. */
const MAY: Record<string, { floors: readonly string[]; why: string }> = {
  app: { floors: ["app", "features", "live", "api", "ui", "i18n", "lib", "runtime", "styles"], why: "app wires everything" },
  features: { floors: ["live", "api", "ui", "i18n", "lib"], why: "a feature stands on the floors below and never knows in which shell it runs" },
  live: { floors: ["live", "api", "lib", "runtime"], why: "live follows changes; it draws nothing" },
  ui: { floors: ["ui", "api", "i18n", "lib"], why: "the kit knows no feature and asks for no data" },
  api: { floors: ["api"], why: "the door's client stands alone" },
  i18n: { floors: ["i18n"], why: "words depend on nothing" },
  lib: { floors: ["lib"], why: "plain functions, usable anywhere" },
  runtime: { floors: ["runtime"], why: "the shell is the ground; only the fake speaks the API's types, and answers with plain functions" },
};

const files = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
  .map((entry) => join(entry.parentPath, entry.name));
const place = (path: string) => relative(root, path).split(sep);
const isTest = (path: string) => /\.test\.tsx?$/.test(path);

it("imports only downwards", () => {
  const wrong: string[] = [];
  for (const file of files) {
    const [floor = "", name] = place(file);
    const rule = MAY[floor];
    if (!rule || isTest(file)) continue;
    for (const [, from] of readFileSync(file, "utf8").matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)) {
      const [target = "", targetName] = place(resolve(dirname(file), from!));
      const ownFeature = floor === "features" && target === "features" && name === targetName;
      const fakes = floor === "runtime" && name === "fake" && ((target === "api" && targetName === "gen") || target === "lib");
      if (!rule.floors.includes(target) && !ownFeature && !fakes) {
        wrong.push(`${relative(root, file)} must not import ${target}/${targetName ?? ""}: ${rule.why}`);
      }
    }
  }
  expect(wrong).toEqual([]);
});

it("keeps files and components small", () => {
  const large = files
    .filter((file) => !file.includes(`${sep}gen${sep}`) && !isTest(file))
    .map((file) => ({ file: relative(root, file), lines: readFileSync(file, "utf8").split("\n").length }))
    .filter(({ file, lines }) => lines > (file.endsWith(".tsx") ? 200 : 400));
  expect(large).toEqual([]);
});

it("keeps the shell's interface small", () => {
  const text = readFileSync(join(root, "runtime", "types.ts"), "utf8");
  const body = /export interface Runtime \{([\s\S]*?)\n\}/.exec(text)![1]!;
  const members = body.split("\n").filter((line) => /^ {2}(readonly )?\w+[(:]/.test(line));
  expect(members.length).toBeGreaterThan(5);
  expect(members.length).toBeLessThanOrEqual(12);
});
