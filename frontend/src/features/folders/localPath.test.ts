import { expect, it } from "vitest";
import { localCrumbs, localJoin, localName } from "./localPath";

const paths = (path: string) => localCrumbs(path).map((crumb) => crumb.path);

it("reads the paths of every system", () => {
  expect(paths("/home/李")).toEqual(["/", "/home", "/home/李"]);
  expect(paths("C:\\Users\\Li")).toEqual(["C:\\", "C:\\Users", "C:\\Users\\Li"]);
  expect(paths("\\\\nas\\共享\\设计")).toEqual(["\\\\nas\\共享", "\\\\nas\\共享\\设计"]);
  expect([paths(""), paths("/")]).toEqual([[], ["/"]]);
});

it("puts a name behind them", () => {
  expect([localJoin("/home/li", "设计稿"), localJoin("/", "a"), localJoin("C:\\Users", "a"), localJoin("D:\\", "a")]).toEqual(["/home/li/设计稿", "/a", "C:\\Users\\a", "D:\\a"]);
  expect([localName("/home/li/设计稿"), localName("C:\\Users\\Li\\"), localName("/")]).toEqual(["设计稿", "Li", "/"]);
});
