/* A face: letters on a colour that stays with a person, the bot's mark, or the emoji that the bot set. */

import type { ReactNode } from "react";
import { EmojiSign } from "../blocks/mrkdwn.tsx";
import { current } from "../store.ts";
import type { Person } from "../types.ts";

export function Avatar({ person, emoji, size = 36 }: { person?: Person; emoji?: string; size?: number }): ReactNode {
  if (emoji)
    return (
      <span className="avatar" data-size={size} aria-hidden>
        <EmojiSign name={emoji} big />
      </span>
    );
  if (person?.bot)
    return (
      <span className="avatar bot" data-size={size} aria-hidden>
        <Mark />
      </span>
    );
  return (
    <span className={`avatar tint${person ? tint(person.id) : ""}`} data-size={size} aria-hidden>
      {letters(person?.real ?? "S")}
    </span>
  );
}

/** The first letters of a name. */
export function letters(name: string): string {
  return name.split(" ").map((word) => [...word][0]).slice(0, 2).join("");
}

export function Mark(): ReactNode {
  return (
    <svg viewBox="0 0 32 32" aria-hidden>
      <path d="M7 11l4.500 11L16 12l4.500 10L25 11" fill="none" stroke="currentColor" strokeWidth="3" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}

/** People who came one after the other look different. */
function tint(id: string): number {
  return Object.keys(current().people).indexOf(id) % 6;
}
