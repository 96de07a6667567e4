/* One message and its actions. */

import { Menu } from "@base-ui/react/menu";
import { memo, useState, type KeyboardEvent, type ReactNode } from "react";
import { SurfaceContext, type Surface } from "../blocks/context.ts";
import { Blocks } from "../blocks/index.tsx";
import { EmojiSign, Mrkdwn, Plain } from "../blocks/mrkdwn.tsx";
import { Picture } from "../blocks/picture.tsx";
import { ago, clock, full } from "../dates.ts";
import { FREQUENT } from "../emoji.ts";
import { Icon } from "../icons.tsx";
import { go } from "../route.ts";
import { ask, now, useShortcut, useStore } from "../store.ts";
import type { Block, Json, Message as MessageType } from "../types.ts";
import { Avatar } from "./Avatar.tsx";
import { EmojiPicker } from "./EmojiPicker.tsx";
import { Edit, remove } from "./EditMessage.tsx";
import { useSurfaceOf } from "./surface.ts";

const SLACKBOT = "USLACKBOT";
const NOTHING = {};
const put = new Set<string>();

export const Message = memo(function Message({ message, together = false, inThread = false }: { message: MessageType; together?: boolean; inThread?: boolean }): ReactNode {
  const author = useStore((state) => state.people[message.user ?? ""] ?? (message.bot ? state.people[state.app.user] : undefined));
  const [dismissed, setDismissed] = useState(() => put.has(message.channel + message.ts));
  const [editing, setEditing] = useState(false);
  const [error, setError] = useState("");
  const [near, setNear] = useState(false); // actions are drawn on hover or focus only, because there are many messages
  const come = (): void => setNear(true);
  const at = Number(message.ts);
  if (dismissed) return null;
  if (message.tombstone)
    return (
      <div className="message gone" data-ts={message.ts} tabIndex={-1} onKeyDown={walk}>
        <div className="gutter" />
        <div className="body">
          <em className="soft">This message was deleted.</em>
          <Replies message={message} inThread={inThread} />
        </div>
      </div>
    );
  const name = message.username ?? author?.real ?? (message.user === SLACKBOT ? "Slack" : "Someone");
  return (
    <div className={["message", together ? "together" : "", message.to ? "private" : ""].join(" ")} data-ts={message.ts} tabIndex={-1} onKeyDown={walk} onPointerEnter={come} onFocus={come} role="article" aria-label={`${name}, ${clock(at)}`}>
      <div className="gutter">
        {together ? <time title={full(at)}>{clock(at)}</time> : <Avatar person={author} emoji={message.icon} />}
      </div>
      <div className="body">
        {message.to && (
          <div className="only-you">
            <Icon name="eye" size={13} /> Only visible to you
            <button
              type="button"
              className="linkish"
              onClick={() => {
                put.add(message.channel + message.ts);
                setDismissed(true);
              }}
            >
              Dismiss
            </button>
          </div>
        )}
        {!together && (
          <div className="by">
            <b>{name}</b>
            {author?.bot && <span className="badge">APP</span>}
            {author?.guest && <span className="badge">GUEST</span>}
            <time dateTime={new Date(at * 1000).toISOString()} title={full(at)}>
              {clock(at)}
            </time>
            {message.edited && message.bot && <span className="soft small">(edited)</span>}
          </div>
        )}
        {inThread || !message.broadcast ? null : <div className="soft small">replied to a thread</div>}
        {editing ? <Edit message={message} onDone={() => setEditing(false)} /> : <Content message={message} />}
        <Reactions message={message} near={near} />
        <Replies message={message} inThread={inThread} />
        {error && (
          <p className="error" role="alert">
            {error}
          </p>
        )}
      </div>
      {!message.to && near && !editing && <Tools message={message} inThread={inThread} onEdit={() => setEditing(true)} onError={setError} />}
    </div>
  );
});

function Content({ message }: { message: MessageType }): ReactNode {
  const surface = useMessageSurface(message);
  return (
    <SurfaceContext value={surface}>
      <div className="content">
        {message.notice ? (
          <span className="soft">
            <Mrkdwn text={message.text.replace(/^<@\w+> (has )?/, "")} verbatim />
          </span>
        ) : message.blocks?.length ? <Blocks blocks={message.blocks} /> : message.text ? <Mrkdwn text={message.text} verbatim={Boolean(message.user)} /> : null}
        {message.edited && !message.bot && <span className="soft small"> (edited)</span>}
        {message.attachments?.map((each, at) => (
          <Attachment key={at} attachment={each} />
        ))}
        {message.files?.map((file, at) => (
          <FileCard key={at} file={file} />
        ))}
      </div>
    </SurfaceContext>
  );
}

function useMessageSurface(message: MessageType): Surface {
  return useSurfaceOf({ channel: message.channel, ts: message.ts }, NOTHING, NOTHING, false);
}

function Attachment({ attachment }: { attachment: Json }): ReactNode {
  return (
    <div className="attachment" style={attachment.color ? { borderLeftColor: attachment.color.startsWith("#") || /^[a-z]+$/.test(attachment.color) ? attachment.color : `#${attachment.color}` } : undefined}>
      {attachment.pretext && <Mrkdwn text={attachment.pretext} />}
      {attachment.title && <b><Plain text={attachment.title} /></b>}
      {attachment.text && <div><Mrkdwn text={attachment.text} /></div>}
      {attachment.blocks && <Blocks blocks={attachment.blocks as Block[]} />}
      {attachment.image_url && <Picture image={{ image_url: attachment.image_url, alt_text: attachment.fallback ?? "" }} />}
    </div>
  );
}

function FileCard({ file }: { file: Json }): ReactNode {
  const size = file.size ? `${Math.max(1, Math.round(file.size / 1024))} kB` : "";
  const href = `file/${file.id}`;
  if (/^image\/(png|jpeg|gif|webp)$/.test(file.mimetype)) return <img className="picture" src={href} alt={file.alt_txt || file.title || file.name} />;
  return (
    <div className="b-file">
      <Icon name="file" />
      <span>
        <b>{file.title || file.name}</b>
        <small>
          {file.filetype} {size}
        </small>
      </span>
      <a href={href} download={file.name}>
        Download
      </a>
    </div>
  );
}

function Reactions({ message, near }: { message: MessageType; near: boolean }): ReactNode {
  const me = useStore((state) => state.me);
  const people = useStore((state) => state.people);
  if (!message.reactions?.length) return null;
  return (
    <div className="reactions">
      {message.reactions.map(([name, users]) => {
        const mine = users.includes(me);
        const who = users.map((id) => (id === me ? "you" : (people[id]?.real ?? "someone"))).join(", ");
        return (
          <button type="button" key={name} className={mine ? "reaction mine" : "reaction"} aria-pressed={mine} title={`${who} · :${name}:`} aria-label={`${name.replaceAll("_", " ")}: ${who}`} onClick={() => react(message, name, !mine)}>
            <EmojiSign name={name} /> <span>{users.length}</span>
          </button>
        );
      })}
      {near && (
        <EmojiPicker className="reaction add" label="Add a reaction" onPick={(name) => react(message, name, true)}>
          <Icon name="smile" />
          <span aria-hidden>+</span>
        </EmojiPicker>
      )}
    </div>
  );
}

function react(message: MessageType, name: string, on: boolean): void {
  void ask("react", { channel: message.channel, ts: message.ts, name, on }).catch(() => {});
}

function Replies({ message, inThread }: { message: MessageType; inThread: boolean }): ReactNode {
  const people = useStore((state) => state.people);
  const app = useStore((state) => state.app);
  if (inThread || !message.replies) return null;
  const { count, authors, latest } = message.replies;
  return (
    <button type="button" className="replies" onClick={() => go({ thread: message.ts })}>
      <span className="faces">
        {authors.map((id) => (
          <Avatar key={id} person={people[id] ?? people[app.user]} size={24} />
        ))}
      </span>
      <b>{count === 1 ? "1 reply" : `${count} replies`}</b>
      <span className="soft">last reply {ago(Number(latest), now())}</span>
    </button>
  );
}

function Tools({ message, inThread, onEdit, onError }: { message: MessageType; inThread: boolean; onEdit: () => void; onError: (text: string) => void }): ReactNode {
  const app = useStore((state) => state.app);
  const shortcuts = useStore((state) => state.shortcuts).filter((each) => each.kind === "message");
  const mine = useStore((state) => state.me) === message.user;
  return (
    <div className="tools" role="group" aria-label="Message actions">
      {FREQUENT.slice(0, 3).map((name) => (
        <button type="button" key={name} aria-label={`React with ${name.replaceAll("_", " ")}`} onClick={() => react(message, name, true)}>
          <EmojiSign name={name} />
        </button>
      ))}
      <EmojiPicker label="Add a reaction" onPick={(name) => react(message, name, true)}>
        <Icon name="smile" />
      </EmojiPicker>
      {!inThread && (
        <button type="button" aria-label="Reply in thread" title="Reply in thread" onClick={() => go({ thread: message.thread ?? message.ts })}>
          <Icon name="thread" />
        </button>
      )}
      {(mine || shortcuts.length > 0) && (
        <Menu.Root>
          <Menu.Trigger aria-label="More actions" title="More">
            <Icon name="more" />
          </Menu.Trigger>
          <Menu.Portal>
            <Menu.Positioner className="positioner" align="end" sideOffset={4}>
              <Menu.Popup className="popup">
                {mine && !message.files?.length && !message.notice && (
                  <Menu.Item className="item" onClick={onEdit}>
                    Edit
                  </Menu.Item>
                )}
                {mine && (
                  <Menu.Item className="item" onClick={() => void remove(message)}>
                    Delete
                  </Menu.Item>
                )}
                {shortcuts.map((each) => (
                  <Menu.Item key={each.id} className="item" onClick={() => void useShortcut(app.name, each.id, { channel: message.channel, ts: message.ts }).then(onError)}>
                    <span>
                      {each.name}
                      {each.about && <small>{each.about}</small>}
                    </span>
                  </Menu.Item>
                ))}
              </Menu.Popup>
            </Menu.Positioner>
          </Menu.Portal>
        </Menu.Root>
      )}
    </div>
  );
}

/** Arrow keys move the focus from message to message. */
function walk(event: KeyboardEvent<HTMLElement>): void {
  if (event.target !== event.currentTarget) return;
  const all = [...(event.currentTarget.closest(".messages, .thread-list")?.querySelectorAll<HTMLElement>(".message") ?? [])];
  const at = all.indexOf(event.currentTarget);
  const composer = event.currentTarget.closest("main, aside")?.querySelector<HTMLElement>(".composer textarea");
  if (event.key === "ArrowUp") all[at - 1]?.focus();
  else if (event.key === "ArrowDown") (all[at + 1] ?? composer)?.focus();
  else if (event.key === "Enter") event.currentTarget.querySelector<HTMLElement>("button, a[href], input")?.focus();
  else if (event.key === "Escape") composer?.focus();
  else return;
  event.preventDefault();
}
