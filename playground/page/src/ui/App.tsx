/* The whole page: time and trouble on top, the workspace below. */

import { useEffect, useLayoutEffect, useRef, useState, type ReactNode } from "react";
import { ConfirmDialog } from "../blocks/confirm.tsx";
import { channelAt, go, mainPlace, slug, useRoute } from "../route.ts";
import { become, messagesOf, useStore } from "../store.ts";
import { markAllRead } from "../unread.ts";
import { ChannelView } from "./ChannelView.tsx";
import { TopBar } from "./TopBar.tsx";
import { Status } from "./Status.tsx";
import { Guide } from "./Guide.tsx";
import { useLostFocus } from "./lostFocus.ts";
import { Modal } from "./Modal.tsx";
import { Sidebar } from "./Sidebar.tsx";
import { Thread } from "./Thread.tsx";
import { ApiLog } from "./ApiLog.tsx";

export function App(): ReactNode {
  const route = useRoute();
  const me = useStore((state) => state.people[state.me]);
  const link = useStore((state) => state.link);
  const epoch = useStore((state) => state.epoch);
  const ready = useStore((state) => state.sandbox.ready);
  const channels = useStore((state) => state.channels);
  const [drawer, setDrawer] = useState(false);
  const [apiLog, setApiLog] = useState(false);
  const closeDrawer = (): void => {
    setDrawer(false);
    document.querySelector<HTMLElement>(".menu-button")?.focus();
  };

  useEffect(() => become(route.who || sessionStorage.getItem("winsome:who") || "ana"), [route.who]);
  useEffect(() => {
    if (!me) return;
    sessionStorage.setItem("winsome:who", me.name);
    const where = channelAt(route.where) ? route.where : mainPlace();
    if (route.who !== me.name || route.where !== where) go({ who: me.name, where }, true);
    // Only after switching person or a reset: a channel that went away stays in the address.
  }, [me?.id, epoch]);
  useLayoutEffect(() => {
    if (ready) markAllRead(); // before anything is drawn as unread
  }, [ready, me?.id, epoch]);
  const channel = channelAt(route.where);
  const shown = useRef({ id: "", where: "" });
  useLayoutEffect(() => {
    const renamed = shown.current.where === route.where ? channels[shown.current.id] : undefined;
    if (channel) shown.current = { id: channel.id, where: route.where };
    else if (renamed) go({ where: slug(renamed) }, true);
  }, [channel, route.where, channels]);
  useEffect(() => setDrawer(false), [route.where, route.who]);
  useLostFocus();
  useEffect(() => {
    const keys = (event: KeyboardEvent): void => {
      if (event.key === "Escape" && drawer && !event.defaultPrevented) closeDrawer();
      if (event.altKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
        event.preventDefault();
        const all = [...document.querySelectorAll<HTMLAnchorElement>("nav.sidebar a[data-where]")].map((each) => each.dataset.where!);
        const next = all[(all.indexOf(route.where) + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length];
        if (next) go({ where: next });
      }
    };
    window.addEventListener("keydown", keys);
    return () => window.removeEventListener("keydown", keys);
  }, [route.where, drawer]);

  const closeApiLog = (): void => {
    setApiLog(false);
    document.querySelector<HTMLElement>(".clockbar [aria-pressed]")?.focus();
  };

  if (!me) return <p className="loading">Opening the workspace…</p>;
  return (
    <div className="page" data-drawer={drawer || undefined} data-thread={route.thread || undefined}>
      <a className="skip" href="#composer" onClick={(event) => (event.preventDefault(), document.getElementById("composer")?.focus())}>
        Skip to message field
      </a>
      <TopBar apiLog={apiLog} onApiLog={setApiLog} onMenu={() => setDrawer(!drawer)} />
      <div className="notices">
        <Status />
        <Guide />
      </div>
      <div className="workspace">
        <Sidebar onChoose={() => drawer && closeDrawer()} />
        {drawer && <button type="button" className="veil" aria-label="Close channel list" onClick={closeDrawer} />}
        {channel ? <ChannelView key={`${epoch} ${me.id} ${channel.id}`} channel={channel} /> : <main className="channel nowhere">{route.where ? "You're not in this channel, or it doesn't exist." : ""}</main>}
        {channel && route.thread && <ThreadIfThere channel={channel.id} ts={route.thread} />}
      </div>
      {apiLog && <ApiLog onClose={closeApiLog} />}
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
