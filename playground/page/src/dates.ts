/* Dates and times in the reader's time zone. */

import { current } from "./store.ts";

const formats = new Map<string, Intl.DateTimeFormat>();

function format(options: Intl.DateTimeFormatOptions, zone = zoneOfReader()): Intl.DateTimeFormat {
  const key = JSON.stringify([options, zone]);
  let made = formats.get(key);
  if (!made) formats.set(key, (made = new Intl.DateTimeFormat("en-GB", { ...options, timeZone: zone })));
  return made;
}

export function zoneOfReader(): string {
  const { people, me } = current();
  return people[me]?.tz ?? "UTC";
}

const date = (at: number): Date => new Date(at * 1000);
export const clock = (at: number): string => format({ hour: "2-digit", minute: "2-digit" }).format(date(at));
export const dayKey = (at: number): string => format({ year: "numeric", month: "2-digit", day: "2-digit" }).format(date(at));
export const full = (at: number): string =>
  format({ weekday: "long", day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit" }).format(date(at));
export const weekdayAndClock = (at: number): string =>
  format({ weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }).format(date(at));
export const cityOfZone = (zone: string | null): string => (zone ? (zone.split("/").pop() ?? zone).replaceAll("_", " ") : "UTC");

/** "Today", "Yesterday" or the day, as a divider says it. */
export function day(at: number, now: number): string {
  if (dayKey(at) === dayKey(now)) return "Today";
  if (dayKey(at) === dayKey(now - 86400)) return "Yesterday";
  return format({ weekday: "long", day: "numeric", month: "long" }).format(date(at));
}

export function ago(at: number, now: number): string {
  const seconds = now - at;
  const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  const steps: [number, Intl.RelativeTimeFormatUnit][] = [[60, "second"], [3600, "minute"], [86400, "hour"], [86400 * 30, "day"], [86400 * 365, "month"], [Infinity, "year"]];
  let unit = 1;
  for (const [most, name] of steps) {
    if (Math.abs(seconds) < most) return words.format(-Math.round(seconds / unit), name);
    unit = most;
  }
  return "";
}

/** "Friday, December 11th", with the year if it is not this one, as Slack's dividers say it. */
function dayWithOrdinal(at: number, now: number): string {
  const part = (options: Intl.DateTimeFormatOptions, time = at): string => new Intl.DateTimeFormat("en-US", { ...options, timeZone: zoneOfReader() }).format(date(time));
  const number = Number(part({ day: "numeric" }));
  const ordinal = { one: "st", two: "nd", few: "rd" }[new Intl.PluralRules("en", { type: "ordinal" }).select(number) as string] ?? "th";
  const year = part({ year: "numeric" });
  return `${part({ weekday: "long" })}, ${part({ month: "long" })} ${number}${ordinal}${year === part({ year: "numeric" }, now) ? "" : `, ${year}`}`;
}

/** Slack's date tokens (docs.slack.dev, formatting-message-text). */
export function written(at: number, template: string, now: number): string {
  const near = dayKey(at) === dayKey(now) ? "today" : dayKey(at) === dayKey(now - 86400) ? "yesterday" : dayKey(at) === dayKey(now + 86400) ? "tomorrow" : "";
  const short = { month: "short", day: "numeric", year: "numeric" } as const;
  const plain = { month: "long", day: "numeric", year: "numeric" } as const;
  const long = { weekday: "long", ...plain } as const;
  const said = (options: Intl.DateTimeFormatOptions): string => new Intl.DateTimeFormat("en-US", { ...options, timeZone: zoneOfReader() }).format(date(at));
  const tokens: Record<string, () => string> = {
    date_num: () => new Intl.DateTimeFormat("en-CA", { timeZone: zoneOfReader() }).format(date(at)),
    date_slash: () => said({ month: "2-digit", day: "2-digit", year: "numeric" }),
    date: () => said(plain),
    date_short: () => said(short),
    date_long: () => said(long),
    date_pretty: () => near || said(plain),
    date_short_pretty: () => near || said(short),
    date_long_pretty: () => near || said(long),
    day_divider_pretty: () => near || dayWithOrdinal(at, now),
    // In Slack the reader's preferences decide between 16:00 and 4:00 PM; the page shows every other time as 16:00.
    time: () => clock(at),
    time_secs: () => format({ hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(date(at)),
    ago: () => ago(at, now),
  };
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => tokens[name]?.() ?? whole);
}
