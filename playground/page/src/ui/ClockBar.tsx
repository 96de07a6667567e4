/* Time in one's hands, trouble on demand, and the way out: a workspace of one's own. */

import { Dialog } from "@base-ui/react/dialog";
import { Menu } from "@base-ui/react/menu";
import { useEffect, useState, type ReactNode } from "react";
import { cityOfZone, weekdayAndClock } from "../dates.ts";
import { Icon } from "../icons.tsx";
import { ask, now, useStore } from "../store.ts";
import { useTheme } from "../theme.ts";
import { Mark } from "./Avatar.tsx";
import { Install } from "./Install.tsx";

export function ClockBar({ wire, onWire, onMenu }: { wire: boolean; onWire: (on: boolean) => void; onMenu: () => void }): ReactNode {
  const stage = useStore((state) => state.stage);
  const zone = useStore((state) => state.people[state.me]?.tz ?? null);
  const [moving, setMoving] = useState(false);
  const [theme, turn] = useTheme();
  const [installing, setInstalling] = useState(false);
  const [at, setAt] = useState(now());
  useEffect(() => {
    setAt(now());
    const ticking = setInterval(() => setAt(now()), 1000);
    return () => clearInterval(ticking);
  }, [stage.now]);

  async function move(op: string, given: object = {}): Promise<void> {
    setMoving(true);
    await ask(op, given).catch(() => {});
    setMoving(false);
  }

  return (
    <header className="clockbar">
      <button className="btn bar menu-button" aria-label="Channels and people" onClick={onMenu}>
        <Icon name="menu" size={18} />
      </button>
      <div className="brand">
        <Mark />
        <span>
          Winsome <span className="light">playground</span>
        </span>
      </div>
      <div className="time" role="group" aria-label="Time">
        <time dateTime={new Date(at * 1000).toISOString()} aria-live="off">
          <Icon name="clock" /> {weekdayAndClock(at)} <span className="light">{cityOfZone(zone)}</span>
        </time>
        <button className="btn bar" disabled={moving || !stage.ready} onClick={() => move("friday")}>
          To Friday 16:00{stage.zone !== zone && <span className="light"> {cityOfZone(stage.zone)}</span>}
        </button>
        <button className="btn bar" disabled={moving || !stage.ready} onClick={() => move("later", { hours: 24 })}>
          +1 day
        </button>
        <button className="btn bar" disabled={moving || !stage.ready} onClick={() => move("later", { hours: 168 })}>
          +1 week
        </button>
      </div>
      <div className="rest">
        <Trouble />
        <button className="btn bar" aria-label="On the wire" title="What went over the wire" aria-pressed={wire} onClick={() => onWire(!wire)}>
          <Icon name="wire" /> <span className="long">On the wire</span>
        </button>
        <Menu.Root>
          <Menu.Trigger className="btn bar" aria-label="Begin anew">
            <span className="long">Begin anew</span>
            <span className="short">Anew</span> <Icon name="down" size={12} />
          </Menu.Trigger>
          <Menu.Portal>
            <Menu.Positioner className="positioner" align="end" sideOffset={6}>
              <Menu.Popup className="popup">
                <Menu.Item className="item" onClick={() => void ask("reset")}>
                  <span>
                    Reset<small>The prepared team and its past weeks</small>
                  </span>
                </Menu.Item>
                <Menu.Item className="item" onClick={() => void ask("reset", { empty: true })}>
                  <span>
                    Start empty<small>The same people, and nothing said yet</small>
                  </span>
                </Menu.Item>
              </Menu.Popup>
            </Menu.Positioner>
          </Menu.Portal>
        </Menu.Root>
        <button className="btn bar" aria-label={theme === "dark" ? "Make it light" : "Make it dark"} title={theme === "dark" ? "Make it light" : "Make it dark"} onClick={turn}>
          <Icon name={theme === "dark" ? "sun" : "moon"} />
        </button>
        <button className="btn bar gold" aria-label="Use it in your workspace" onClick={() => setInstalling(true)}>
          <span className="long">Use it in your workspace</span>
          <span className="short">Use it</span>
        </button>
      </div>
      {stage.story && (
        <p className="story" role="status">
          <i /> {stage.story}…
        </p>
      )}
      <Dialog.Root open={installing} onOpenChange={setInstalling}>
        <Dialog.Portal>
          <Dialog.Backdrop className="backdrop" />
          <Dialog.Popup className="dialog wide">
            <Install onClose={() => setInstalling(false)} />
          </Dialog.Popup>
        </Dialog.Portal>
      </Dialog.Root>
    </header>
  );
}

const SAID = { running: "Winsome runs", starting: "Winsome starts", stopped: "Winsome is dead" };

function Trouble(): ReactNode {
  const { bot, faults } = useStore((state) => state.stage);
  const wrong = faults.includes("down") ? "Slack is down" : faults.includes("limited") ? "Slack says 429" : SAID[bot];
  const fault = (kind: string, title: string, about: string): ReactNode => (
    <Menu.CheckboxItem className="item" checked={faults.includes(kind)} onCheckedChange={(on) => void ask("fault", { kind, on })} closeOnClick>
      <span>
        {title}
        <small>{about}</small>
      </span>
      <Menu.CheckboxItemIndicator>
        <Icon name="check" />
      </Menu.CheckboxItemIndicator>
    </Menu.CheckboxItem>
  );
  return (
    <Menu.Root>
      <Menu.Trigger className="btn bar trouble" aria-label={`Trouble on demand. Now: ${wrong}`}>
        <i className={faults.length ? "dot wrong" : `dot ${bot}`} />
        <span className="long">{wrong}</span> <Icon name="down" size={12} />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner className="positioner" align="end" sideOffset={6}>
          <Menu.Popup className="popup">
            <Menu.Group>
              <Menu.GroupLabel className="popup-title">Make trouble, and see what becomes of the wins</Menu.GroupLabel>
              {fault("down", "Slack is down", "Every call of the bot fails with an HTTP 500")}
              {fault("limited", "Slack answers 429", "Every call is told to come back in five seconds")}
              {bot === "stopped" ? (
                <Menu.Item className="item" onClick={() => void ask("bot", { on: true })}>
                  <span>
                    Start the bot again<small>It takes up what it left</small>
                  </span>
                </Menu.Item>
              ) : (
                <Menu.Item className="item" onClick={() => void ask("bot", { on: false })}>
                  <span>
                    Kill the bot<small>At once, as a power cut would</small>
                  </span>
                </Menu.Item>
              )}
            </Menu.Group>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
