/* Unread messages: kept in the browser, by person and by run of the playground. */

import { useSyncExternalStore } from "react";
import { current, messagesOf, useStore, type State } from "./store.ts";
import type { Message } from "./types.ts";

const listeners = new Set<() => void>();
let version = 0;

const key = (state: State): string => `winsome:read:${state.epoch}:${state.me}`;
const known: Record<string, Record<string, string>> = {};

function read(state: State): Record<string, string> {
  return (known[key(state)] ??= JSON.parse(sessionStorage.getItem(key(state)) ?? "{}") as Record<string, string>);
}

export const counts = (message: Message, me: string): boolean => !message.to && !message.tombstone && !message.notice && message.user !== me && (!message.thread || message.thread === message.ts || Boolean(message.broadcast));

export function markRead(channel: string): void {
  const state = current();
  const last = messagesOf(state, channel).at(-1)?.ts;
  const marks = read(state);
  if (!state.me || !last || marks[channel] === last) return;
  marks[channel] = last;
  sessionStorage.setItem(key(state), JSON.stringify(marks));
  version++;
  listeners.forEach((listener) => listener());
}

/** Mark everything read, once the sample history has loaded. */
export function markAllRead(): void {
  const state = current();
  const marks = read(state);
  for (const channel of Object.keys(state.channels)) if (!(channel in marks)) marks[channel] = messagesOf(state, channel).at(-1)?.ts ?? "0";
  sessionStorage.setItem(key(state), JSON.stringify(marks));
  version++;
  listeners.forEach((listener) => listener());
}

export function useUnread(channel: string): number {
  useSyncExternalStore((listener) => (listeners.add(listener), () => listeners.delete(listener)), () => version);
  return useStore((state) => {
    const mark = read(state)[channel] ?? (state.sandbox.ready ? "0" : undefined); // one that came later has none
    if (mark === undefined) return 0;
    let count = 0;
    const all = messagesOf(state, channel);
    for (let at = all.length - 1; at >= 0 && all[at]!.ts > mark; at--) if (counts(all[at]!, state.me)) count++;
    return count;
  });
}
