/* A channel: its head, its messages, the box to write in. */

import { Tabs } from "@base-ui/react/tabs";
import { useEffect, useMemo, useState, type ReactNode } from "react";
import { Icon } from "../icons.tsx";
import { ask, messagesOf, useStore } from "../store.ts";
import type { App, Channel } from "../types.ts";
import { markRead } from "../unread.ts";
import { Avatar } from "./Avatar.tsx";
import { Composer } from "./Composer.tsx";
import { Home } from "./Home.tsx";
import { MessageList } from "./MessageList.tsx";
import { nameAndRole } from "./Sidebar.tsx";

export function ChannelView({ channel }: { channel: Channel }): ReactNode {
  const app = useStore((state) => state.app);
  const isApp = channel.im && channel.members.includes(app.user);
  const [tab, setTab] = useState(app.home ? "home" : "messages");
  const ready = useStore((state) => state.sandbox.ready);
  useEffect(() => {
    if (isApp && ready && tab === "messages") void ask("home", { tab }).catch(() => {});
  }, [isApp, ready, tab]);
  if (!isApp) return <main className="channel">{<Conversation channel={channel} />}</main>;
  return (
    <main className="channel">
      <Head channel={channel} />
      <Tabs.Root className="tabs" value={tab} onValueChange={(value) => setTab(String(value))}>
        <Tabs.List className="tab-list" aria-label={app.name}>
          {app.home && (
            <Tabs.Tab className="tab" value="home">
              Home
            </Tabs.Tab>
          )}
          <Tabs.Tab className="tab" value="messages">
            Messages
          </Tabs.Tab>
          <Tabs.Tab className="tab" value="about">
            About
          </Tabs.Tab>
        </Tabs.List>
        {app.home && (
          <Tabs.Panel className="tab-panel scrolls" value="home">
            <Home channel={channel} />
          </Tabs.Panel>
        )}
        <Tabs.Panel className="tab-panel" value="messages">
          <Conversation channel={channel} headless />
        </Tabs.Panel>
        <Tabs.Panel className="tab-panel scrolls about" value="about">
          <p>{app.about}</p>
          <p className="soft">Type /win in any channel, use a message's menu, or write here. What you save here stays private unless you choose a channel.</p>
        </Tabs.Panel>
      </Tabs.Root>
    </main>
  );
}

function Conversation({ channel, headless }: { channel: Channel; headless?: boolean }): ReactNode {
  const all = useStore((state) => messagesOf(state, channel.id));
  const me = useStore((state) => state.me);
  const shown = useMemo(() => all.filter((each) => !each.thread || each.thread === each.ts || each.broadcast), [all]);
  useEffect(() => markRead(channel.id), [all, channel.id]);
  return (
    <>
      {!headless && <Head channel={channel} />}
      <MessageList messages={shown} channel={channel} />
      {channel.archived ? (
        <p className="instead">
          This channel is archived.{" "}
          {channel.members.includes(me) && (
            <button type="button" className="btn primary" onClick={() => void ask("send", { channel: channel.id, text: "/archive" }).catch(() => {})}>
              Unarchive channel
            </button>
          )}
        </p>
      ) : channel.members.includes(me) ? (
        <Composer channel={channel} />
      ) : (
        <p className="instead">
          You're previewing #{channel.name}.{" "}
          <button type="button" className="btn primary" onClick={() => ask("join", { channel: channel.id })}>
            Join channel
          </button>
        </p>
      )}
    </>
  );
}

function botStatus(app: App, channel: Channel): string {
  if (channel.archived) return "This channel is archived";
  if (channel.members.includes(app.user)) return `${app.name} is in this channel`;
  return `${app.name} isn't in this channel. Type /invite @${app.name.toLowerCase()}`;
}

function Head({ channel }: { channel: Channel }): ReactNode {
  const people = useStore((state) => state.people);
  const me = useStore((state) => state.me);
  const app = useStore((state) => state.app);
  const other = people[channel.members.find((id) => id !== me) ?? me];
  const hasBot = channel.members.includes(app.user) && !channel.archived;
  const members = channel.members.filter((id) => people[id] && !people[id]!.bot);
  const listed = members.map((id) => nameAndRole(people[id]!)).join(", ");
  return (
    <header className="head">
      <h1>
        {channel.im ? <Avatar person={other} size={24} /> : <Icon name={channel.private ? "lock" : "hash"} size={18} />}
        {channel.im ? other?.real : channel.name}
      </h1>
      {!channel.im && (
        <>
          <span className="faces" role="img" aria-label={`Members: ${listed}`} title={listed}>
            {members.map((id) => (
              <Avatar key={id} person={people[id]} size={24} />
            ))}
          </span>
          <span className={hasBot ? "with-bot" : "with-bot not"}>{botStatus(app, channel)}</span>
        </>
      )}
    </header>
  );
}
