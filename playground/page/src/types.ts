/* What the server tells the page. */

export type Json = Record<string, any>;
export type Block = Json & { type: string; block_id?: string };

export interface Person {
  id: string;
  name: string;
  shown: string;
  real: string;
  tz: string | null;
  admin: boolean;
  owner: boolean;
  guest: boolean;
  bot: boolean;
  gone: boolean;
  /** What the addresses of their pictures have in them. */
  picture: string;
}

export interface Channel {
  id: string;
  name: string;
  private: boolean;
  im: boolean;
  archived: boolean;
  members: string[];
}

export interface Message {
  channel: string;
  ts: string;
  text: string;
  user?: string;
  bot?: string;
  username?: string;
  icon?: string;
  notice?: boolean;
  blocks?: Block[];
  attachments?: Json[];
  files?: Json[];
  to?: string;
  thread?: string;
  broadcast?: boolean;
  edited?: boolean;
  tombstone?: boolean;
  reactions?: [string, string[]][];
  replies?: { count: number; authors: string[]; latest: string };
}

export interface Sandbox {
  now: number;
  friday: number;
  roundups: Record<string, number>;
  zone: string;
  bot: "running" | "starting" | "stopped";
  faults: string[];
  progress: string | null;
  counts: { wins: number; waiting: number; unknown: number; as_of: number | null } | null;
  ready: boolean;
}

export interface Command {
  name: string;
  about: string;
  hint: string;
}

export interface Shortcut {
  name: string;
  kind: "global" | "message";
  id: string;
  about: string;
}

export interface ApiLogLine {
  n: number;
  at: string;
  ms: number;
  status: number | null;
  way: "in" | "out";
  kind: string;
  name: string;
  about: string;
  ok: boolean;
  error: string | null;
  fault?: string | null;
  attempt?: number;
  over?: string;
  sent: unknown;
  answer: unknown;
}

export interface View extends Json {
  id: string;
  type: "modal" | "home";
  blocks: Block[];
  values: Record<string, Record<string, Json>>;
  errors: Record<string, string>;
  trouble: string | null;
}

export interface App {
  user: string;
  name: string;
  about: string;
  home: boolean;
}
