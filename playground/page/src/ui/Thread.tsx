/* A thread, beside its channel. */

import { useEffect, useMemo, useRef, type ReactNode } from "react";
import { Icon } from "../icons.tsx";
import { go } from "../route.ts";
import { messagesOf, useStore } from "../store.ts";
import { Composer } from "./Composer.tsx";
import { Message } from "./Message.tsx";

export function Thread({ channel, ts }: { channel: string; ts: string }): ReactNode {
  const all = useStore((state) => messagesOf(state, channel));
  const home = useStore((state) => state.channels[channel])!;
  const me = useStore((state) => state.me);
  const thread = useMemo(() => all.filter((each) => each.ts === ts || each.thread === ts), [all, ts]);
  const replies = thread.filter((each) => each.ts !== ts && !each.to).length;
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current!.scrollTop = list.current!.scrollHeight;
  }, [thread.length]);
  const close = (): void => {
    const begins = document.querySelector<HTMLElement>(`main .message[data-ts="${ts}"]`);
    (begins ?? document.getElementById("composer"))?.focus({ preventScroll: true });
    go({ thread: "" });
  };
  return (
    <aside
      className="thread"
      aria-label="Thread"
      onKeyDown={(event) => {
        const isInside = event.currentTarget.contains(event.target as Node); // and not in a menu of its messages, which lies elsewhere
        if (event.key === "Escape" && isInside && !event.defaultPrevented) close();
      }}
    >
      <header className="head">
        <h2>Thread</h2>
        <span className="soft">{home.im ? "" : `#${home.name}`}</span>
        <button type="button" className="btn quiet" aria-label="Close thread" onClick={close}>
          <Icon name="close" />
        </button>
      </header>
      <div className="thread-list" ref={list} tabIndex={-1}>
        {thread.map((message, at) => (
          <div key={message.ts}>
            <Message message={message} inThread />
            {at === 0 && (
              <div className="day">
                <span>{replies === 0 ? "No replies yet" : replies === 1 ? "1 reply" : `${replies} replies`}</span>
              </div>
            )}
          </div>
        ))}
      </div>
      {home.members.includes(me) && !home.archived && <Composer channel={home} thread={ts} />}
    </aside>
  );
}
