import { expect, it } from "vitest";
import { size } from "./size";

it("writes sizes short", () => {
  expect([0, 812, 999, 1000, 24_576, 999_499, 999_600, 1_340_000, 48e9, 3e15].map(size))
    .toEqual(["0 B", "812 B", "999 B", "1.0 kB", "25 kB", "999 kB", "1.0 MB", "1.3 MB", "48 GB", "3000 TB"]);
});
