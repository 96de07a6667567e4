/* The route: person, channel and thread. It is in the URL, so a reload keeps it. */

import { useSyncExternalStore } from "react";
import { current, type State } from "./store.ts";
import type { Channel } from "./types.ts";

export interface Route {
  who: string;
  where: string;
  thread: string;
}

const listeners = new Set<() => void>();
let cached: { hash: string; route: Route } | undefined;

export function route(): Route {
  const hash = location.hash;
  if (cached?.hash !== hash) {
    const [who = "", where = "", thread = ""] = hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
    cached = { hash, route: { who, where, thread } };
  }
  return cached!.route;
}

export function go(change: Partial<Route>, replace = false): void {
  const next = { ...route(), ...("where" in change || "who" in change ? { thread: "" } : {}), ...change };
  const hash = `#/${[next.who, next.where, next.thread].map(encodeURIComponent).join("/").replace(/\/+$/, "")}`;
  if (hash === location.hash) return;
  history[replace ? "replaceState" : "pushState"](null, "", hash);
  listeners.forEach((listener) => listener());
}

window.addEventListener("popstate", () => listeners.forEach((listener) => listener()));
window.addEventListener("hashchange", () => listeners.forEach((listener) => listener()));

export function useRoute(): Route {
  return useSyncExternalStore((listener) => (listeners.add(listener), () => listeners.delete(listener)), route);
}

/** The name of a channel in the address: its own, "app" for the bot, @name for a person. */
export function slug(channel: Channel): string {
  if (!channel.im) return channel.name;
  const { me, people, app } = current();
  if (channel.members.includes(app.user)) return "app";
  const other = channel.members.find((id) => id !== me) ?? me;
  return `@${people[other]?.name ?? other}`;
}

export function channelAt(where: string): Channel | undefined {
  return Object.values(current().channels).find((each) => (!each.im || each.members.includes(current().me)) && slug(each) === where);
}

/** The channel that someone begins in: #general, or where there is none the first that they are in. */
export function mainChannel(state: State, person = state.me): Channel | undefined {
  const named = Object.values(state.channels).filter((each) => !each.im);
  return named.find((each) => each.name === "general") ?? named.find((each) => each.members.includes(person)) ?? named[0];
}

/** Its name in the address; in a workspace without channels that of the app. */
export const mainPlace = (person = current().me): string => mainChannel(current(), person)?.name ?? "app";

/** Open a message that a permalink names. */
export function openMessage(channelId: string, ts: string, thread?: string | null): void {
  const channel = current().channels[channelId];
  if (!channel) return;
  go({ where: slug(channel), thread: thread && thread !== ts ? thread : "" });
  const look = (tries: number): void => {
    const found = document.querySelector<HTMLElement>(`[data-ts="${ts}"]`);
    if (found) {
      found.scrollIntoView({ block: "center" });
      found.focus({ preventScroll: true });
      found.classList.add("flash");
      setTimeout(() => found.classList.remove("flash"), 2000);
    } else if (tries) setTimeout(() => look(tries - 1), 60);
  };
  window.dispatchEvent(new CustomEvent("reach", { detail: ts }));
  setTimeout(() => look(20), 30);
}
