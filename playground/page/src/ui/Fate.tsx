/* What becomes of the wins while something is wrong: counted in the bot's own database, not told by heart. */

import type { ReactNode } from "react";
import { Icon } from "../icons.tsx";
import { useStore } from "../store.ts";

export function Fate(): ReactNode {
  const { fate, faults, bot } = useStore((state) => state.stage);
  if (!fate) return null;
  const said = [];
  if (bot === "stopped") said.push("The bot is dead: commands fail, and say so.");
  if (faults.includes("down")) said.push("Slack is down: commands still reach the bot, but whatever it asks of Slack fails.");
  else if (faults.includes("limited")) said.push("Slack says 429: the bot has to wait.");
  if (!said.length) said.push("The bot makes up for it.");
  return (
    <p className="fate" role="status">
      <Icon name="warn" /> <span>{said.join(" ")}</span>
      <b>{many(fate.kept, "win is safe in the bot's database", "wins are safe in the bot's database")}</b>
      <span>{fate.waiting ? many(fate.waiting, "message waits to be posted", "messages wait to be posted") : "Nothing waits to be posted"}</span>
      {fate.unknown > 0 && <span>{many(fate.unknown, "may or may not have arrived: the bot looks for it, and posts it only if it is not there", "may or may not have arrived: the bot looks for them, and posts only what is not there")}</span>}
    </p>
  );
}

const many = (count: number, one: string, more: string): string => `${count} ${count === 1 ? one : more}`;
