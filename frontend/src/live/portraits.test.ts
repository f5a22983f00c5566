import { expect, it, vi } from "vitest";
import { Portraits } from "./portraits";

/** A loaded machine is no failure. */
const until = (holds: () => void) => vi.waitFor(holds);

function open(paths: Record<string, string>) {
  const asked: string[][] = [];
  const portraits = new Portraits((people) => {
    asked.push(people);
    return Promise.resolve(Object.fromEntries(people.filter((id) => paths[id]).map((id) => [id, paths[id]!])));
  });
  return { portraits, asked };
}

it("asks once for what a list shows, and only for people", async () => {
  const { portraits, asked } = open({ per_li: "/portraits/a" });
  const li = vi.fn();
  portraits.subscribe("per_li", li);
  portraits.subscribe("per_li", () => {});
  portraits.subscribe("per_wang", () => {});
  portraits.subscribe("spc_group", () => {});
  await until(() => expect(li).toHaveBeenCalledTimes(1));
  expect(asked).toEqual([["per_li", "per_wang"]]);
  expect([portraits.path("per_li"), portraits.path("per_wang"), portraits.path("spc_group")]).toEqual(["/portraits/a", undefined, undefined]);
  portraits.subscribe("per_li", () => {});
  expect(asked).toHaveLength(1);
});

it("asks again for those on screen when pictures changed", async () => {
  const paths: Record<string, string> = { per_li: "/portraits/a", per_wang: "/portraits/w" };
  const { portraits, asked } = open(paths);
  const li = vi.fn();
  portraits.subscribe("per_li", li);
  const away = portraits.subscribe("per_wang", () => {});
  await until(() => expect(portraits.path("per_wang")).toBe("/portraits/w"));
  away();
  paths["per_li"] = "/portraits/b";
  portraits.again();
  await until(() => expect(portraits.path("per_li")).toBe("/portraits/b"));
  expect(asked.at(-1)).toEqual(["per_li"]);
  expect(portraits.path("per_wang")).toBeUndefined();
  delete paths["per_li"];
  portraits.again();
  await until(() => expect(li).toHaveBeenCalledTimes(3));
  expect(portraits.path("per_li")).toBeUndefined();
});

it("splits what is too much for one question", async () => {
  const { portraits, asked } = open({});
  for (let i = 0; i < 450; i++) portraits.subscribe(`per_${i}`, () => {});
  await until(() => expect(asked.map((people) => people.length)).toEqual([200, 200, 50]));
});
