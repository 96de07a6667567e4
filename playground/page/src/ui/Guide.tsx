/* Getting started: a few steps, each ticked once it is done. */

import { useState, type ReactNode } from "react";
import { weekdayAndClock } from "../dates.ts";
import { Icon } from "../icons.tsx";
import { go, mainChannel, mainPlace, useRoute } from "../route.ts";
import { ask, messagesOf, useStore, type State } from "../store.ts";

const KEY = "winsome:guide";
const WORDS = "/win found the answer by explaining the question to @chloe";

/** Which steps were done in the main channel since the sample history was loaded. */
function done(state: State, since: string): [boolean, boolean, boolean, boolean] {
  const main = mainChannel(state);
  const fresh = main ? messagesOf(state, main.id).filter((each) => each.ts > since && each.bot && !each.to) : [];
  const roundups = fresh.filter((each) => each.blocks?.some((block) => block.type === "header"));
  // A message of context blocks alone reports a settings change.
  const wins = fresh.filter((each) => !roundups.includes(each) && each.blocks?.some((block) => block.type !== "context"));
  const cheered = wins.some((each) => each.reactions?.length || each.text.includes("Cheered by"));
  return [wins.length > 0, wins.some((each) => each.thread), cheered, roundups.length > 0];
}

/** The last message in the main channel that somebody else wrote there. */
function ofATeammate(state: State): string | undefined {
  const main = mainChannel(state);
  const all = main ? messagesOf(state, main.id) : [];
  return all.findLast((each) => each.user && each.user !== state.me && !each.bot && !each.to && !each.notice && !each.thread)?.ts;
}

export function Guide(): ReactNode {
  const [hidden, setHidden] = useState(() => localStorage.getItem(KEY) === "hidden");
  const [since, setSince] = useState({ epoch: "", ts: "", anew: false });
  const ready = useStore((state) => state.sandbox.ready);
  const epoch = useStore((state) => state.epoch);
  const begun = useStore((state) => state.sandbox.now);
  const route = useRoute();
  const due = useStore((state) => state.sandbox.roundups[mainChannel(state)?.id ?? ""] ?? null);
  const message = useStore(ofATeammate);
  const other = useStore((state) => Object.values(state.people).find((each) => !each.bot && !each.gone && each.id !== state.me));
  const shortcut = useStore((state) => state.shortcuts.find((each) => each.kind === "message")?.name);
  const steps = useStore((state) => done(state, since.epoch === state.epoch ? since.ts : "9").join());
  const [win, saved, cheer, roundup] = steps.split(",").map((each) => each === "true");
  if (ready && since.epoch !== epoch) {
    const kept = sessionStorage.getItem(`${KEY}:${epoch}`) ?? `${begun} ${due === null ? "anew" : ""}`;
    sessionStorage.setItem(`${KEY}:${epoch}`, kept);
    const [ts = "", anew] = kept.split(" ");
    setSince({ epoch, ts, anew: anew === "anew" });
  }
  const saves = shortcut !== undefined && (message !== undefined || saved);
  if (!ready || hidden || (win && (saved || !saves) && cheer && roundup)) return null;
  const { anew } = since;
  const type = (text: string): void => {
    if (route.where !== mainPlace()) go({ where: mainPlace() });
    setTimeout(() => window.dispatchEvent(new CustomEvent("compose", { detail: { text } })), 80);
  };
  const point = (): void => {
    if (route.where !== mainPlace()) go({ where: mainPlace() });
    setTimeout(() => document.querySelector<HTMLElement>(`main .message[data-ts="${message}"]`)?.focus(), 80);
  };
  let number = 0;
  const step = (is: boolean | undefined, text: string, label: string, act: () => void): ReactNode => {
    number += 1;
    return (
      <li className={is ? "is-done" : undefined}>
        <span className="number" aria-hidden>
          {is ? "✓" : number}
        </span>
        <span>
          {text}
          {is && <span className="unseen"> (done)</span>}
        </span>
        {!is && label && (
          <button type="button" className="btn small" onClick={act}>
            {label}
          </button>
        )}
      </li>
    );
  };
  return (
    <section className="guide" aria-label="Getting started">
      <ol>
        {step(win, "Save a small win.", "Write one for me", () => type(WORDS))}
        {saves && step(saved, `Save a message: ⋯, then ${shortcut}.`, "Show one", point)}
        {anew && step(due !== null || roundup, "Set up a roundup.", "Type /wins setup", () => type("/wins setup"))}
        {step(cheer, "Cheer it as a teammate.", other ? `Switch to ${other.real.split(" ")[0]}` : "", () => other && go({ who: other.name, where: mainPlace(other.id) }))}
        {step(roundup, "Read the roundup.", due === null || due < begun ? "" : `Jump to ${weekdayAndClock(due)}`, () => void ask("until", { at: (due ?? begun) + 2 }))}
      </ol>
      <button
        type="button"
        className="btn quiet"
        aria-label="Hide getting started"
        onClick={() => {
          localStorage.setItem(KEY, "hidden");
          setHidden(true);
        }}
      >
        <Icon name="close" />
      </button>
    </section>
  );
}
