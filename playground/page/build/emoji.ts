/* Every emoji with Slack's short names, put together when the page is built. */

import { createRequire } from "node:module";
import type { Plugin } from "vite";

const NAME = "virtual:emoji";
const COMPONENTS = 2; // skin tones and hair, which are no emoji of their own

type Raw = { hexcode: string; unicode: string; label: string; group?: number; order?: number; tags?: string[]; skins?: unknown };

export function emoji(): Plugin {
  return {
    name: "emoji",
    resolveId: (id) => (id === NAME ? `\0${NAME}` : null),
    load(id) {
      if (id !== `\0${NAME}`) return null;
      const load = createRequire(import.meta.url);
      const all = load("emojibase-data/en/compact.json") as Raw[];
      const names = load("emojibase-data/en/shortcodes/iamcal.json") as Record<string, string | string[]>;
      const lines = all
        .filter((each) => each.group !== undefined && each.group !== COMPONENTS && names[each.hexcode])
        .sort((a, b) => (a.order ?? 0) - (b.order ?? 0))
        .map((each) => [each.group, each.unicode, [names[each.hexcode]].flat().join(" "), each.label].join("\t"));
      return `export default ${JSON.stringify(lines.join("\n"))};`;
    },
  };
}
