/* Slack's markup as it is displayed: *bold*, _italic_, ~strike~, `code`, quotes, links, mentions, emoji, dates.

   Emphasis begins before a letter and after none, so that 2*3*4 and snake_case stay what they are. */

import { createElement, Fragment, type ReactNode } from "react";
import { written } from "../dates.ts";
import { sign } from "../emoji.ts";
import { openMessage } from "../route.ts";
import { now, useStore } from "../store.ts";

const PIECE = /<([^<>\n]+)>|`([^`\n]+)`|:([a-z0-9_+'-]+(?:::skin-tone-[2-6])?):|(https?:\/\/[^\s<>|]+[^\s<>|.,;:!?)\]}'"*_~])/g;
const EMPHASIS: [string, string][] = [
  ["*", "strong"],
  ["_", "em"],
  ["~", "s"],
];

export const plain = (text: string): string => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

export function Mrkdwn({ text, verbatim = false }: { text: string; verbatim?: boolean }): ReactNode {
  return blocksOf(text, verbatim);
}

/** plain_text: nothing is markup but emoji names. */
export function Plain({ text, emoji = true }: { text: string; emoji?: boolean }): ReactNode {
  if (!emoji) return text;
  return text.split(/(:[a-z0-9_+'-]+(?:::skin-tone-[2-6])?:)/).map((part, at) =>
    at % 2 ? <EmojiSign key={at} name={part.slice(1, -1)} /> : part,
  );
}

/** A text object of Block Kit. */
export function Text({ of }: { of: { type: string; text: string; verbatim?: boolean; emoji?: boolean } }): ReactNode {
  return of.type === "mrkdwn" ? <Mrkdwn text={of.text} verbatim={of.verbatim} /> : <Plain text={of.text} emoji={of.emoji ?? true} />;
}

export function EmojiSign({ name, big }: { name: string; big?: boolean }): ReactNode {
  const found = sign(name);
  if (!found) return `:${name}:`;
  return (
    <span className={big ? "emoji big" : "emoji"} role="img" aria-label={name.replaceAll("_", " ")} title={`:${name}:`}>
      {found}
    </span>
  );
}

/** Code blocks and quotes first: they have lines of their own. */
function blocksOf(text: string, verbatim: boolean): ReactNode[] {
  return text.split(/```\n?([\s\S]*?)```/g).flatMap((part, at) => {
    if (at % 2) return [<pre key={at}>{plain(part.replace(/\n$/, ""))}</pre>];
    const trimmed = at > 0 ? part.replace(/^\n/, "") : part;
    return trimmed ? [<Fragment key={at}>{lines(trimmed, verbatim)}</Fragment>] : [];
  });
}

function lines(text: string, verbatim: boolean): ReactNode[] {
  const out: ReactNode[] = [];
  const all = text.split("\n");
  for (let at = 0; at < all.length; at++) {
    const quoted: string[] = [];
    const rest = all[at]!.match(/^(?:>>>|&gt;&gt;&gt;) ?(.*)$/);
    if (rest) {
      quoted.push(rest[1]!, ...all.slice(at + 1));
      at = all.length;
    }
    while (at < all.length && /^(?:>|&gt;)/.test(all[at]!)) quoted.push(all[at++]!.replace(/^(?:>|&gt;) ?/, ""));
    if (quoted.length) {
      out.push(<blockquote key={`q${at}`}>{withBreaks(quoted, verbatim)}</blockquote>);
      if (at >= all.length) break;
    }
    const bullet = all[at]!.match(/^(\s*)([•◦▪]|-) (.*)$/);
    if (bullet) {
      out.push(
        <span key={at} className="bullet">
          <span>{bullet[2] === "-" ? "-" : bullet[2]} </span>
          <span>{inline(bullet[3]!, verbatim)}</span>
        </span>,
      );
    } else {
      out.push(<Fragment key={at}>{inline(all[at]!, verbatim)}</Fragment>);
      if (at < all.length - 1) out.push(<br key={`b${at}`} />);
    }
  }
  return out;
}

function withBreaks(all: string[], verbatim: boolean): ReactNode[] {
  return all.flatMap((line, at) => [at ? <br key={`b${at}`} /> : null, <Fragment key={at}>{inline(line, verbatim)}</Fragment>]);
}

/** Pieces that nothing inside can change, then emphasis around and between them. */
function inline(text: string, verbatim: boolean): ReactNode[] {
  const pieces: ReactNode[] = [];
  const held = text.replace(PIECE, (whole, angle?: string, code?: string, emoji?: string, url?: string) => {
    let node: ReactNode;
    if (angle !== undefined) node = <Angle inside={angle} />;
    else if (code !== undefined) node = <code>{plain(code)}</code>;
    else if (emoji !== undefined) {
      if (!sign(emoji)) return whole;
      node = <EmojiSign name={emoji} />;
    } else {
      if (verbatim) return whole;
      node = <Link to={plain(url!)}>{plain(url!)}</Link>;
    }
    pieces.push(node);
    return `\u0001${pieces.length - 1}\u0002`;
  });
  return emphasised(held, pieces);
}

function emphasised(text: string, pieces: ReactNode[]): ReactNode[] {
  let first: { at: number; end: number; tag: string } | undefined;
  for (const [mark, tag] of EMPHASIS) {
    const found = pair(text, mark);
    if (found && (!first || found[0] < first.at)) first = { at: found[0], end: found[1], tag };
  }
  if (!first) return restored(text, pieces);
  return [
    ...restored(text.slice(0, first.at), pieces),
    createElement(first.tag, { key: `e${first.at}` }, ...emphasised(text.slice(first.at + 1, first.end), pieces)),
    <Fragment key={`r${first.end}`}>{emphasised(text.slice(first.end + 1), pieces)}</Fragment>,
  ];
}

function pair(text: string, mark: string): [number, number] | undefined {
  for (let open = text.indexOf(mark); open >= 0; open = text.indexOf(mark, open + 1)) {
    const before = text[open - 1] ?? " ";
    const after = text[open + 1] ?? " ";
    if (/[\p{L}\p{N}]/u.test(before) || /\s/.test(after) || after === mark) continue;
    for (let close = text.indexOf(mark, open + 2); close >= 0; close = text.indexOf(mark, close + 1)) {
      if (!/\s/.test(text[close - 1]!) && !/[\p{L}\p{N}]/u.test(text[close + 1] ?? " ")) return [open, close];
    }
  }
  return undefined;
}

function restored(text: string, pieces: ReactNode[]): ReactNode[] {
  return text.split(/\u0001(\d+)\u0002/).map((part, at) => (at % 2 ? <Fragment key={at}>{pieces[Number(part)]}</Fragment> : plain(part)));
}

function Angle({ inside }: { inside: string }): ReactNode {
  const bar = inside.indexOf("|");
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? "" : inside.slice(bar + 1);
  if (target.startsWith("@")) return <UserMention id={target.slice(1)} label={label} />;
  if (target.startsWith("#")) return <ChannelMention id={target.slice(1)} label={label} />;
  if (target.startsWith("!date^")) {
    const [, at = "0", template = "", to] = target.split("^");
    const said = written(Number(at), plain(template), now()) || label;
    const shown = <time dateTime={new Date(Number(at) * 1000).toISOString()} title={label}>{said}</time>;
    return to ? <Link to={to}>{shown}</Link> : shown;
  }
  if (target.startsWith("!")) return <span className="mention all">{label || `@${target.slice(1).split("^")[0]}`}</span>;
  return <Link to={plain(target)}>{label ? <Labelled text={label} /> : plain(target)}</Link>;
}

function Labelled({ text }: { text: string }): ReactNode {
  return <Plain text={plain(text)} />;
}

export function Link({ to, children, ...rest }: { to: string; children: ReactNode; className?: string }): ReactNode {
  const inside = to.match(/^https:\/\/[\w-]+\.slack\.com\/archives\/(\w+)\/p(\d+)(\d{6})(?:\?thread_ts=([\d.]+))?/);
  if (inside)
    return (
      <a
        {...rest}
        href={location.hash}
        onClick={(event) => {
          event.preventDefault();
          openMessage(inside[1]!, `${inside[2]}.${inside[3]}`, inside[4]);
        }}
      >
        {children}
      </a>
    );
  if (!/^(https?:|mailto:)/i.test(to)) return <>{children}</>;
  return (
    <a {...rest} href={to} target="_blank" rel="noreferrer noopener">
      {children}
    </a>
  );
}

export function UserMention({ id, label }: { id: string; label?: string }): ReactNode {
  const person = useStore((state) => state.people[id]);
  const mine = useStore((state) => state.me === id);
  return <span className={mine ? "mention mine" : "mention"}>@{person ? (person.bot ? person.real : person.shown) : label || "unknown"}</span>;
}

export function ChannelMention({ id, label }: { id: string; label?: string }): ReactNode {
  const channel = useStore((state) => state.channels[id]);
  if (!channel) return <span className="mention">{label ? `#${label}` : "a private channel"}</span>;
  return (
    <a
      className="mention"
      href={location.hash}
      onClick={(event) => {
        event.preventDefault();
        openMessage(id, "");
      }}
    >
      #{channel.name}
    </a>
  );
}
