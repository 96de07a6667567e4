/* rich_text blocks. */

import type { CSSProperties, ReactNode } from "react";
import { written } from "../dates.ts";
import { now } from "../store.ts";
import type { Json } from "../types.ts";
import { ChannelMention, EmojiSign, Link, UserMention } from "./mrkdwn.tsx";

const BULLETS = ["disc", "circle", "square"];
const ORDERED = ["decimal", "lower-alpha", "lower-roman"];

export function RichText({ elements }: { elements: Json[] }): ReactNode {
  return (
    <div className="rich">
      {elements.map((part, at) => (
        <Part key={at} part={part} />
      ))}
    </div>
  );
}

function Part({ part }: { part: Json }): ReactNode {
  switch (part.type) {
    case "rich_text_section":
      return <div>{inside(part.elements)}</div>;
    case "rich_text_quote":
      return <blockquote>{inside(part.elements)}</blockquote>;
    case "rich_text_preformatted":
      return <pre className={part.border ? "bordered" : undefined}>{inside(part.elements)}</pre>;
    case "rich_text_list": {
      const indent = part.indent ?? 0;
      const style: CSSProperties = { marginLeft: indent * 24, listStyleType: (part.style === "ordered" ? ORDERED : BULLETS)[indent % 3] };
      const items = (part.elements as Json[]).map((item, at) => <li key={at}>{inside(item.elements)}</li>);
      return part.style === "ordered" ? (
        <ol style={style} start={(part.offset ?? 0) + 1} className={part.border ? "bordered" : undefined}>
          {items}
        </ol>
      ) : (
        <ul style={style} className={part.border ? "bordered" : undefined}>
          {items}
        </ul>
      );
    }
    default:
      return <div className="unknown">({part.type})</div>;
  }
}

function inside(elements: Json[]): ReactNode[] {
  return (elements ?? []).map((bit, at) => <Styled key={at} bit={bit} />);
}

function Styled({ bit }: { bit: Json }): ReactNode {
  let node = bare(bit);
  const style = bit.style ?? {};
  if (style.code) node = <code>{node}</code>;
  if (style.bold) node = <strong>{node}</strong>;
  if (style.italic) node = <em>{node}</em>;
  if (style.strike) node = <s>{node}</s>;
  if (style.underline) node = <u>{node}</u>;
  if (style.highlight || style.client_highlight) node = <mark>{node}</mark>;
  return node;
}

function bare(bit: Json): ReactNode {
  switch (bit.type) {
    case "text":
      return String(bit.text);
    case "link":
      return <Link to={String(bit.url)}>{bit.text || bit.url}</Link>;
    case "emoji":
      return <EmojiSign name={bit.skin_tone ? `${bit.name}::skin-tone-${bit.skin_tone}` : bit.name} />;
    case "user":
      return <UserMention id={bit.user_id} />;
    case "channel":
      return <ChannelMention id={bit.channel_id} />;
    case "usergroup":
      return <span className="mention">@{bit.usergroup_id}</span>;
    case "broadcast":
      return <span className="mention all">@{bit.range}</span>;
    case "date":
      return <time title={bit.fallback}>{written(Number(bit.timestamp), String(bit.format), now()) || bit.fallback}</time>;
    case "color":
      return (
        <span className="colour">
          <i style={{ background: bit.value }} />
          {bit.value}
        </span>
      );
    default:
      return `(${bit.type})`;
  }
}
