/* Counts of wins and messages while something is wrong, as the bot itself reports them. */

import type { ReactNode } from "react";
import { weekdayAndClock } from "../dates.ts";
import { Icon } from "../icons.tsx";
import { useStore } from "../store.ts";

export function Status(): ReactNode {
  const { counts, faults, bot } = useStore((state) => state.sandbox);
  if (!counts) return null;
  const problems = [];
  if (bot === "stopped") problems.push("Winsome is offline. Commands fail with an error.");
  if (faults.includes("down")) problems.push("Slack's API is down. Commands still reach Winsome, but it can't post.");
  else if (faults.includes("limited")) problems.push("Slack is rate limiting. Winsome has to wait.");
  if (!problems.length) problems.push("Winsome is catching up.");
  return (
    <p className="status" role="status">
      <Icon name="warn" /> <span>{problems.join(" ")}</span>
      <b>{counted(counts.wins, "win is safe in Winsome's database", "wins are safe in Winsome's database")}</b>
      <span>{counts.waiting ? counted(counts.waiting, "message waiting", "messages waiting") : "No messages waiting"}</span>
      {counts.unknown > 0 && (
        <span>{counted(counts.unknown, "message may have been posted. Winsome will check or ask before posting it again", "messages may have been posted. Winsome will check or ask before posting them again")}</span>
      )}
      {counts.as_of !== null && <span>As of {weekdayAndClock(counts.as_of)}</span>}
    </p>
  );
}

const counted = (count: number, one: string, more: string): string => `${count} ${count === 1 ? one : more}`;
