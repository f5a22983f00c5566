import { defineConfig } from "vitest/config";
import { PATIENCE } from "./e2e/patience";

export default defineConfig({
  test: { include: ["e2e/**/*.shots.ts"], environment: "node", fileParallelism: false, maxWorkers: 1, testTimeout: 5 * PATIENCE, hookTimeout: 5 * PATIENCE, expect: { poll: { timeout: PATIENCE } } },
});
