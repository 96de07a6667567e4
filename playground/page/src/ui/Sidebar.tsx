/* The sidebar: channels, direct messages, the app, and the current person. */

import { Menu } from "@base-ui/react/menu";
import type { ReactNode } from "react";
import { cityOfZone } from "../dates.ts";
import { Icon } from "../icons.tsx";
import { go, mainPlace, slug, useRoute } from "../route.ts";
import { ask, useStore } from "../store.ts";
import type { Channel, Person } from "../types.ts";
import { useUnread } from "../unread.ts";
import { Avatar } from "./Avatar.tsx";

/** `onChoose` is called when a place is chosen, if only the one that is open. */
export function Sidebar({ onChoose }: { onChoose: () => void }): ReactNode {
  const team = useStore((state) => state.team);
  const channels = useStore((state) => state.channels);
  const people = useStore((state) => state.people);
  const me = useStore((state) => state.me);
  const app = useStore((state) => state.app);
  const all = Object.values(channels);
  const named = all.filter((each) => !each.im).sort((a, b) => a.name.localeCompare(b.name));
  const withBot = all.find((each) => each.im && each.members.includes(app.user) && each.members.includes(me));
  const others = Object.values(people).filter((each) => !each.bot && each.id !== me && !each.gone);
  return (
    <nav className="sidebar" aria-label="Workspace">
      <div className="team">{team}</div>
      <div
        className="rooms"
        onClick={(event) => {
          if ((event.target as HTMLElement).closest("a")) onChoose();
        }}
      >
        <h2>Channels</h2>
        <ul>
          {named.map((channel) => (
            <li key={channel.id}>
              <Room channel={channel} icon={<Icon name={channel.private ? "lock" : "hash"} />} name={channel.name} />
            </li>
          ))}
        </ul>
        <h2>Direct messages</h2>
        <ul>
          {others.map((person) => {
            const dm = all.find((each) => each.im && each.members.includes(person.id) && each.members.includes(me));
            return (
              <li key={person.id}>
                {dm ? (
                  <Room channel={dm} icon={<Avatar person={person} size={20} />} name={person.real} />
                ) : (
                  <a
                    href={`#/${people[me]?.name}/@${person.name}`}
                    data-where={`@${person.name}`}
                    onClick={async (event) => {
                      event.preventDefault();
                      await ask("dm", { person: person.id });
                      setTimeout(() => go({ where: `@${person.name}` }), 20);
                    }}
                  >
                    <Avatar person={person} size={20} />
                    <span>{person.real}</span>
                  </a>
                )}
              </li>
            );
          })}
        </ul>
        <h2>Apps</h2>
        <ul>{withBot && <li><Room channel={withBot} icon={<Avatar person={people[app.user]} size={20} />} name={app.name} /></li>}</ul>
      </div>
      <Switcher />
    </nav>
  );
}

function Room({ channel, icon, name }: { channel: Channel; icon: ReactNode; name: string }): ReactNode {
  const route = useRoute();
  const unread = useUnread(channel.id);
  const where = slug(channel);
  const here = route.where === where;
  return (
    <a
      href={`#/${route.who}/${where}`}
      data-where={where}
      className={[here ? "here" : "", unread && !here ? "unread" : "", channel.archived ? "archived" : ""].join(" ")}
      aria-current={here ? "page" : undefined}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey) return;
        event.preventDefault();
        go({ where });
      }}
    >
      {icon}
      <span>{name}</span>
      {unread > 0 && !here && (
        <b className="count">
          {unread}
          <span className="unseen"> new</span>
        </b>
      )}
    </a>
  );
}

export const role = (person: Person): string => (person.owner ? "owner" : person.admin ? "admin" : person.guest ? "guest" : "member");
export const nameAndRole = (person: Person): string => (role(person) === "member" ? person.real : `${person.real} (${role(person)})`);

function Switcher(): ReactNode {
  const people = useStore((state) => state.people);
  const me = useStore((state) => state.people[state.me])!;
  const others = Object.values(people).filter((each) => !each.bot && !each.gone && each.id !== me.id);
  return (
    <Menu.Root>
      <Menu.Trigger className="switcher">
        <Avatar person={me} />
        <span>
          <b>
            <span className="light">You are</span> {me.real}
          </b>
          <small>
            {role(me)} · {cityOfZone(me.tz)}
          </small>
        </span>
        <Icon name="up" />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner className="positioner" side="top" align="start" sideOffset={6}>
          <Menu.Popup className="popup people">
            <Menu.Group>
              <Menu.GroupLabel className="popup-title">Switch person</Menu.GroupLabel>
              {others.map((person) => (
                <Menu.Item key={person.id} className="item" onClick={() => go({ who: person.name, where: mainPlace(person.id) })}>
                  <Avatar person={person} size={28} />
                  <span>
                    {person.real}
                    <small>
                      {role(person)} · {cityOfZone(person.tz)}
                    </small>
                  </span>
                </Menu.Item>
              ))}
            </Menu.Group>
            <Menu.Separator className="popup-rule" />
            <Menu.Group>
              <Menu.GroupLabel className="popup-title">Side by side</Menu.GroupLabel>
              {others.map((person) => (
                <Menu.Item key={person.id} className="item" onClick={() => window.open(`${location.pathname}#/${person.name}/${mainPlace(person.id)}`, "_blank", "noopener")}>
                  <span>Open as {person.real.split(" ")[0]} ↗</span>
                </Menu.Item>
              ))}
            </Menu.Group>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
