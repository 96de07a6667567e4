import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { emoji } from "./build/emoji.ts";
import { sources } from "./build/sources.ts";

// The bundle is committed: file names are fixed and nothing in it depends on the day, the folder or the machine.
export default defineConfig({
  base: "./",
  plugins: [react(), emoji(), sources(import.meta.dirname)],
  build: {
    outDir: "../server/static",
    emptyOutDir: true,
    assetsDir: "",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
    license: { fileName: "LICENSES.md" },
    rollupOptions: {
      output: {
        entryFileNames: "page.js",
        chunkFileNames: "[name].js",
        assetFileNames: "[name][extname]",
      },
    },
  },
});
