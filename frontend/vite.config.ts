import react from "@vitejs/plugin-react";
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

/** The font of the documents that templates make. The page does not use it: the program takes it out of its own build (embed.go). */
function paperFont(): Plugin {
  return {
    name: "paper-font",
    apply: "build",
    generateBundle() {
      const at = (name: string) => new URL(`./node_modules/@expo-google-fonts/noto-serif-sc/${name}`, import.meta.url);
      const font = readFileSync(at("400Regular/NotoSerifSC_400Regular.ttf"));
      const license = readFileSync(at("LICENSE_FONT"));
      this.emitFile({ type: "asset", fileName: "fonts/paper.ttf.gz", source: gzipSync(font, { level: 9 }) });
      this.emitFile({ type: "asset", fileName: "fonts/LICENSE.txt", source: license });
    },
  };
}

export default defineConfig({
  // Relative addresses: the same build is served over http and by the window's asset handler.
  base: "./",
  plugins: [react(), paperFont()],
  // The worker that blurs backgrounds loads a module at run time; in the other format it could not.
  worker: { format: "es" },
  assetsInclude: ["**/*.tflite"],
  build: {
    target: ["es2022", "safari16", "chrome110"],
    // A strict content policy refuses data: addresses.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
  },
});
