import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { include: ["e2e/**/*.shots.ts"], environment: "node", fileParallelism: false, maxWorkers: 1, expect: { poll: { timeout: 15_000 } } },
});
