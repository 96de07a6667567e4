/* Slack's emoji names and their signs. */

import lines from "virtual:emoji";

export interface Emoji {
  group: number;
  sign: string;
  names: string[];
  label: string;
}

export const EMOJI: Emoji[] = lines.split("\n").map((line) => {
  const [group, sign, names, label] = line.split("\t") as [string, string, string, string];
  return { group: Number(group), sign, names: names.split(" "), label };
});

const SIGNS = new Map(EMOJI.flatMap((each) => each.names.map((name) => [name, each.sign] as const)));
const TONES = ["🏻", "🏼", "🏽", "🏾", "🏿"];
export const GROUPS: [number, string][] = [
  [0, "Smileys"],
  [1, "People"],
  [3, "Nature"],
  [4, "Food"],
  [6, "Activities"],
  [5, "Travel"],
  [7, "Objects"],
  [8, "Symbols"],
  [9, "Flags"],
];
export const FREQUENT = ["tada", "clap", "heart", "raised_hands", "sparkles", "muscle"];

export function sign(name: string): string | undefined {
  const [base = "", tone] = name.split("::skin-tone-");
  const found = SIGNS.get(base);
  return found && tone ? found.replace("\ufe0f", "") + (TONES[Number(tone) - 2] ?? "") : found;
}

/** Find emoji: first those whose name starts with the query, then those whose name or label contains it. */
export function find(word: string, most: number): Emoji[] {
  const looked = word.toLowerCase().trim();
  const begin = EMOJI.filter((each) => each.names.some((name) => name.startsWith(looked)));
  begin.sort((one, other) => Number(other.names.includes(looked)) - Number(one.names.includes(looked)));
  const hold = EMOJI.filter((each) => !begin.includes(each) && (each.names.some((name) => name.includes(looked)) || each.label.includes(looked)));
  return [...begin, ...hold].slice(0, most);
}
