/* The messages of a channel. The last ones are drawn first; scrolling up brings the earlier ones. */

import { Fragment, useCallback, useEffect, useLayoutEffect, useRef, useState, type ReactNode } from "react";
import { day, dayKey } from "../dates.ts";
import { now, useStore } from "../store.ts";
import type { Channel, Message as MessageType } from "../types.ts";
import { counts } from "../unread.ts";
import { useScrollPosition } from "./scrollPosition.ts";
import { Message } from "./Message.tsx";

const AT_FIRST = 60;
const MORE = 40;
const NEAR = 900;
const TOGETHER = 300; // seconds in which messages of one person stand under one name

export function MessageList({ messages, channel }: { messages: MessageType[]; channel: Channel }): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const kept = useScrollPosition(box, channel.id);
  const [count, setCount] = useState(() => Math.max(AT_FIRST, kept.from(messages)));
  const [below, setBelow] = useState(0);
  const stuck = useRef(!kept.is);
  const height = useRef(0);
  const me = useStore((state) => state.me);
  const zone = useStore((state) => state.people[state.me]?.tz);
  const last = messages.at(-1);
  const newest = useRef(last?.ts ?? ""); // of those that were there already
  const first = Math.max(0, messages.length - count);

  useLayoutEffect(() => {
    const list = box.current!;
    if (stuck.current) list.scrollTop = list.scrollHeight;
    else if (kept.is) kept.restore();
    else if (height.current) list.scrollTop += list.scrollHeight - height.current;
    height.current = 0;
  }, [messages, count]);
  useEffect(() => {
    if (!last || last.ts <= newest.current) return; // nothing came, or the last one was deleted
    const come = messages.filter((each) => each.ts > newest.current && counts(each, me)).length;
    newest.current = last.ts;
    if (!stuck.current) setBelow((many) => many + come);
    if (last.user === me) toBottom();
  }, [last?.ts]);
  useEffect(() => {
    const list = box.current!;
    const grown = new ResizeObserver(() => {
      if (stuck.current) list.scrollTop = list.scrollHeight;
    });
    grown.observe(list);
    grown.observe(list.firstElementChild!);
    const reach = (event: Event): void => {
      const at = messages.findIndex((each) => each.ts === (event as CustomEvent<string>).detail);
      if (at >= 0) {
        stuck.current = false;
        setCount((many) => Math.max(many, messages.length - at + 20));
      }
    };
    window.addEventListener("reach", reach);
    window.addEventListener("sent", toBottom);
    return () => (grown.disconnect(), window.removeEventListener("reach", reach), window.removeEventListener("sent", toBottom));
  }, [messages]);

  const scrolled = useCallback(() => {
    const list = box.current!;
    stuck.current = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
    if (stuck.current) setBelow(0);
    kept.keep();
    if (list.scrollTop < NEAR && first > 0) {
      height.current = list.scrollHeight;
      setCount((many) => many + MORE);
    }
  }, [first]);

  function toBottom(): void {
    stuck.current = true;
    setBelow(0);
    box.current?.scrollTo({ top: box.current.scrollHeight });
  }

  const shown = messages.slice(first);
  let before: MessageType | undefined;
  return (
    <div className="messages-wrap">
      <div className="messages" ref={box} onScroll={scrolled} data-zone={zone} tabIndex={-1}>
        <div className="messages-inside" role="log" aria-label={channel.im ? "Messages" : `Messages in ${channel.name}`} aria-live="polite">
          {first === 0 && <Beginning channel={channel} />}
          {shown.map((message) => {
            const fresh = !before || dayKey(Number(before.ts)) !== dayKey(Number(message.ts));
            const same = !fresh && before && !before.tombstone && before.user === message.user && before.bot === message.bot && before.to === message.to && Number(message.ts) - Number(before.ts) < TOGETHER;
            before = message;
            return (
              <Fragment key={message.ts}>
                {fresh && (
                  <div className="day" role="separator" aria-label={day(Number(message.ts), now())}>
                    <span>{day(Number(message.ts), now())}</span>
                  </div>
                )}
                <Message message={message} together={Boolean(same)} />
              </Fragment>
            );
          })}
        </div>
      </div>
      {below > 0 && (
        <button type="button" className="newer" onClick={toBottom}>
          {below === 1 ? "1 new message" : `${below} new messages`} ↓
        </button>
      )}
    </div>
  );
}

function Beginning({ channel }: { channel: Channel }): ReactNode {
  const app = useStore((state) => state.app);
  if (channel.members.includes(app.user) && channel.im) return <p className="beginning">This is the very beginning of your conversation with {app.name}.</p>;
  if (channel.im) return <p className="beginning">This is the very beginning of your conversation.</p>;
  return <p className="beginning">This is the very beginning of #{channel.name}.</p>;
}
