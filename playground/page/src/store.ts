/* The page's state, kept up to date over one WebSocket. */

import { useSyncExternalStore } from "react";
import type { App, Channel, Command, Json, Message, Person, Shortcut, Sandbox, View, ApiLogLine } from "./types.ts";

export interface State {
  link: "new" | "open" | "lost";
  epoch: string;
  me: string;
  team: string;
  app: App;
  commands: Command[];
  builtin: Command[];
  shortcuts: Shortcut[];
  manifest: Json;
  sandbox: Sandbox;
  skew: number;
  people: Record<string, Person>;
  channels: Record<string, Channel>;
  messages: Record<string, Message[]>;
  apiLog: ApiLogLine[] | null;
  views: View[];
  home: View | null;
}

const NONE: Message[] = [];
let state: State = {
  link: "new",
  epoch: "",
  me: "",
  team: "",
  app: { user: "", name: "", about: "", home: false },
  commands: [],
  builtin: [],
  shortcuts: [],
  manifest: {},
  sandbox: { now: 0, friday: 0, roundups: {}, zone: "UTC", bot: "starting", faults: [], progress: null, counts: null, ready: false },
  skew: 0,
  people: {},
  channels: {},
  messages: {},
  apiLog: null,
  views: [],
  home: null,
};

const listeners = new Set<() => void>();
let told: ReturnType<typeof setTimeout> | undefined;

function set(change: Partial<State>): void {
  state = { ...state, ...change };
  // Many frames that come together are drawn together.
  told ??= setTimeout(() => {
    told = undefined;
    listeners.forEach((listener) => listener());
  }, 2);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useStore<T>(select: (state: State) => T): T {
  return useSyncExternalStore(subscribe, () => select(state));
}

export const current = (): State => state;
export const messagesOf = (state: State, channel: string): Message[] => state.messages[channel] ?? NONE;
export const now = (): number => Date.now() / 1000 + state.skew;

/* The connection */

let socket: WebSocket | undefined;
let wanted = "";
let last = 0;
let attempt = 0;
let asked = 0;
let isApiLogOpen = false;
const waiting = new Map<number, (answer: { result?: any; error?: string }) => void>();
let unsent: { op: string; frame: string }[] = [];

export function become(person: string): void {
  if (person === wanted && socket) return;
  wanted = person;
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ op: "hello", as: person }));
  else if (!socket) connect();
}

function connect(): void {
  socket = new WebSocket(`${location.origin.replace("http", "ws")}/ws`);
  socket.onopen = () => {
    attempt = 0;
    const back = state.epoch && state.people[state.me]?.name === wanted;
    socket!.send(JSON.stringify({ op: "hello", as: wanted, ...(back ? { epoch: state.epoch, since: last } : {}) }));
    if (isApiLogOpen) socket!.send(JSON.stringify({ op: "api_log", on: true }));
    unsent.splice(0).forEach(({ frame }) => socket!.send(frame));
  };
  socket.onmessage = (frame) => heard(JSON.parse(frame.data));
  socket.onclose = () => {
    set({ link: state.link === "new" ? "new" : "lost" });
    unsent = unsent.filter(({ op }) => op === "fill"); // what is said to have failed isn't done later; a form keeps what it shows
    waiting.forEach((answer) => answer({ error: "Connection lost. Please try again." }));
    waiting.clear();
    setTimeout(connect, Math.min(200 * 2 ** attempt++, 5000));
  };
}

/** What a mention of a person is typed as: the name that is shown, or the user name if that has spaces. */
export const handle = (person: Person): string => (/^[\p{L}\p{N}_.-]+$/u.test(person.shown) ? person.shown : person.name);

/** Ask the server for something; the answer is its result, or an Error with words for the person. */
export function ask<T = unknown>(op: string, given: Json = {}): Promise<T> {
  const id = ++asked;
  const frame = JSON.stringify({ op, id, with: given });
  if (socket?.readyState === WebSocket.OPEN) socket.send(frame);
  else unsent.push({ op, frame });
  return new Promise((resolve, reject) =>
    waiting.set(id, (answer) => (answer.error ? reject(new Error(answer.error)) : resolve(answer.result as T))),
  );
}

/** Use an app's shortcut, on a message (`ts`) or while viewing a channel; the answer says what went wrong, if anything. */
export async function useShortcut(name: string, id: string, at: { channel: string; ts?: string }): Promise<string> {
  try {
    return (await ask<string | null>("shortcut", { id, ...at })) === null ? "" : `${name} didn't respond. Try again.`;
  } catch (failed) {
    return (failed as Error).message;
  }
}

export function openApiLog(on: boolean): void {
  isApiLogOpen = on;
  socket?.send(JSON.stringify({ op: "api_log", on }));
  if (!on) set({ apiLog: null });
}

function heard(frame: Json): void {
  if (typeof frame.n === "number") last = frame.n;
  switch (frame.t) {
    case "all": {
      const messages: Record<string, Message[]> = {};
      for (const message of frame.messages as Message[]) (messages[message.channel] ??= []).push(message);
      set({
        link: "open",
        epoch: frame.epoch,
        me: frame.me,
        team: frame.team,
        app: frame.app,
        commands: frame.commands,
        builtin: frame.builtin,
        shortcuts: frame.shortcuts,
        manifest: frame.manifest,
        people: Object.fromEntries((frame.people as Person[]).map((each) => [each.id, each])),
        channels: Object.fromEntries((frame.channels as Channel[]).map((each) => [each.id, each])),
        messages,
        views: frame.views ?? [],
        home: frame.home ?? null,
        ...applySandbox(frame.sandbox),
      });
      break;
    }
    case "again":
      set({ link: "open", ...applySandbox(frame.sandbox) });
      break;
    case "anew":
      socket?.send(JSON.stringify({ op: "hello", as: wanted }));
      break;
    case "sandbox":
      set(applySandbox(frame.sandbox));
      break;
    case "person":
      set({ people: { ...state.people, [frame.person.id]: frame.person } });
      break;
    case "channel":
      set({ channels: { ...state.channels, [frame.channel.id]: frame.channel } });
      break;
    case "message":
      put(frame.message);
      break;
    case "gone": {
      const left = messagesOf(state, frame.channel).filter((each) => each.ts !== frame.ts);
      set({ messages: { ...state.messages, [frame.channel]: left } });
      break;
    }
    case "views":
      set({ views: frame.views });
      break;
    case "home":
      set({ home: frame.view });
      break;
    case "api_log":
      if (isApiLogOpen) set({ apiLog: [...(frame.first ? [] : (state.apiLog ?? [])), ...frame.lines].slice(-1500) });
      break;
    case "done":
      waiting.get(frame.re)?.(frame);
      waiting.delete(frame.re);
  }
}

function applySandbox(sandbox: Sandbox): Partial<State> {
  return { sandbox, skew: sandbox.now - Date.now() / 1000 };
}

function put(message: Message): void {
  const all = messagesOf(state, message.channel);
  let at = all.length;
  while (at > 0 && all[at - 1]!.ts > message.ts) at--;
  const same = at > 0 && all[at - 1]!.ts === message.ts;
  const fresh = all.toSpliced(same ? at - 1 : at, same ? 1 : 0, message);
  set({ messages: { ...state.messages, [message.channel]: fresh } });
}
