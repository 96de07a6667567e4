/* A digest of everything that the page is built from, so that a test can tell a stale bundle without building it. */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

export function sources(folder: string): Plugin {
  return {
    name: "sources",
    generateBundle() {
      const digest = createHash("sha256");
      const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((each) => each.isFile() && !each.parentPath.includes("node_modules"))
        .map((each) => join(each.parentPath, each.name).slice(folder.length + 1))
        .sort();
      for (const path of paths) digest.update(`${path}\0`).update(readFileSync(join(folder, path)));
      this.emitFile({ type: "asset", fileName: "sources.sha256", source: `${digest.digest("hex")}\n` });
    },
  };
}
