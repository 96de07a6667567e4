/* The whole page: time and trouble on top, the workspace below. */

import { useEffect, useState, type ReactNode } from "react";
import { ConfirmDialog } from "../blocks/confirm.tsx";
import { channelAt, go, usePlace } from "../place.ts";
import { become, messagesOf, useStore } from "../store.ts";
import { markAllRead } from "../unread.ts";
import { ChannelView } from "./ChannelView.tsx";
import { ClockBar } from "./ClockBar.tsx";
import { Status } from "./Status.tsx";
import { Guide } from "./Guide.tsx";
import { Modal } from "./Modal.tsx";
import { Sidebar } from "./Sidebar.tsx";
import { Thread } from "./Thread.tsx";
import { Wire } from "./Wire.tsx";

export function App(): ReactNode {
  const place = usePlace();
  const me = useStore((state) => state.people[state.me]);
  const link = useStore((state) => state.link);
  const epoch = useStore((state) => state.epoch);
  const ready = useStore((state) => state.stage.ready);
  const channels = useStore((state) => state.channels);
  const [drawer, setDrawer] = useState(false);
  const [wire, setWire] = useState(false);

  useEffect(() => become(place.who || sessionStorage.getItem("winsome:who") || "ana"), [place.who]);
  useEffect(() => {
    if (!me) return;
    sessionStorage.setItem("winsome:who", me.name);
    if (place.who !== me.name) go({ who: me.name, where: place.where || "general" }, true);
    else if (!channelAt(place.where)) go({ where: "general" }, true);
    // Only after switching person or a reset: a channel that went away stays in the address.
  }, [me?.id, epoch]);
  useEffect(() => {
    if (ready) markAllRead();
  }, [ready, me?.id, epoch]);
  useEffect(() => setDrawer(false), [place.where, place.who]);
  useEffect(() => {
    const keys = (event: KeyboardEvent): void => {
      if (event.altKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
        event.preventDefault();
        const all = [...document.querySelectorAll<HTMLAnchorElement>("nav.sidebar a[data-where]")].map((each) => each.dataset.where!);
        const next = all[(all.indexOf(place.where) + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length];
        if (next) go({ where: next });
      }
    };
    window.addEventListener("keydown", keys);
    return () => window.removeEventListener("keydown", keys);
  }, [place.where]);

  if (!me) return <p className="loading">Opening the workspace…</p>;
  const channel = channels && channelAt(place.where);
  return (
    <div className="page" data-drawer={drawer || undefined} data-thread={place.thread || undefined}>
      <a className="skip" href="#composer" onClick={(event) => (event.preventDefault(), document.getElementById("composer")?.focus())}>
        Skip to message field
      </a>
      <ClockBar wire={wire} onWire={setWire} onMenu={() => setDrawer(!drawer)} />
      <div className="notices">
        <Status />
        <Guide />
      </div>
      <div className="workspace">
        <Sidebar />
        {drawer && <button className="veil" aria-label="Close channel list" onClick={() => setDrawer(false)} />}
        {channel ? <ChannelView key={channel.id} channel={channel} /> : <main className="channel nowhere">{place.where ? "You're not in this channel, or it doesn't exist." : ""}</main>}
        {channel && place.thread && <ThreadIfThere channel={channel.id} ts={place.thread} />}
      </div>
      {wire && <Wire onClose={() => setWire(false)} />}
      <Modal />
      <ConfirmDialog />
      {link === "lost" && (
        <p className="lost" role="status">
          Can't reach the playground. Reconnecting…
        </p>
      )}
    </div>
  );
}

function ThreadIfThere({ channel, ts }: { channel: string; ts: string }): ReactNode {
  const there = useStore((state) => messagesOf(state, channel).some((each) => each.ts === ts));
  return there ? <Thread key={ts} channel={channel} ts={ts} /> : null;
}
