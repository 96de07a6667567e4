/* The top bar: the clock, the API log, simulated problems, reset, theme and installation. */

import { Dialog } from "@base-ui/react/dialog";
import { Menu } from "@base-ui/react/menu";
import { useEffect, useState, type ReactNode } from "react";
import { cityOfZone, weekdayAndClock } from "../dates.ts";
import { Icon } from "../icons.tsx";
import { ask, now, useStore } from "../store.ts";
import { useTheme } from "../theme.ts";
import { Mark } from "./Avatar.tsx";
import { Install } from "./Install.tsx";

export function TopBar({ apiLog, onApiLog, onMenu }: { apiLog: boolean; onApiLog: (on: boolean) => void; onMenu: () => void }): ReactNode {
  const sandbox = useStore((state) => state.sandbox);
  const zone = useStore((state) => state.people[state.me]?.tz ?? null);
  const city = sandbox.zone === zone ? "" : ` ${cityOfZone(sandbox.zone)}`;
  const [moving, setMoving] = useState(false);
  const [failed, setFailed] = useState("");
  const link = useStore((state) => state.link);
  const [theme, turn] = useTheme();
  const [installing, setInstalling] = useState(false);
  const [at, setAt] = useState(now());
  useEffect(() => {
    setAt(now());
    const ticking = setInterval(() => setAt(now()), 1000);
    return () => clearInterval(ticking);
  }, [sandbox.now]);

  useEffect(() => setFailed(""), [link]); // a lost connection has words of its own

  /** Ask the server for something, and show why it failed until the next time. */
  async function attempt(op: string, given: object = {}): Promise<void> {
    setFailed("");
    await ask(op, given).catch((error: Error) => setFailed(error.message));
  }

  async function move(op: string, given: object = {}): Promise<void> {
    setMoving(true);
    await attempt(op, given);
    setMoving(false);
  }

  return (
    <header className="clockbar">
      <button type="button" className="btn bar menu-button" aria-label="Open channel list" onClick={onMenu}>
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
        <button type="button" className="btn bar" aria-label={`Jump to Friday 16:00${city}`} disabled={moving || !sandbox.ready} onClick={() => move("friday")}>
          <span>
            <span className="lead">Jump to </span>Friday 16:00
          </span>
          {city && <span className="light">{city}</span>}
        </button>
        <button type="button" className="btn bar" disabled={moving || !sandbox.ready} onClick={() => move("later", { hours: 24 })}>
          +1 day
        </button>
        <button type="button" className="btn bar" disabled={moving || !sandbox.ready} onClick={() => move("later", { hours: 168 })}>
          +1 week
        </button>
      </div>
      <div className="rest">
        <Trouble attempt={attempt} />
        <button type="button" className="btn bar" aria-label="API log" title="Everything Slack and the bot said to each other" aria-pressed={apiLog} onClick={() => onApiLog(!apiLog)}>
          <Icon name="wire" /> <span className="long">API log</span>
        </button>
        <Menu.Root>
          <Menu.Trigger className="btn bar" aria-label="Start over">
            <span className="long">Start over</span>
            <span className="short">Reset</span> <Icon name="down" size={12} />
          </Menu.Trigger>
          <Menu.Portal>
            <Menu.Positioner className="positioner" align="end" sideOffset={6}>
              <Menu.Popup className="popup">
                <Menu.Item className="item" onClick={() => void attempt("reset")}>
                  <span>
                    Reset demo<small>The team with its history</small>
                  </span>
                </Menu.Item>
                <Menu.Item className="item" onClick={() => void attempt("reset", { empty: true })}>
                  <span>
                    Start empty<small>Same people, no messages</small>
                  </span>
                </Menu.Item>
              </Menu.Popup>
            </Menu.Positioner>
          </Menu.Portal>
        </Menu.Root>
        <button type="button" className="btn bar" aria-label={theme === "dark" ? "Light mode" : "Dark mode"} title={theme === "dark" ? "Light mode" : "Dark mode"} onClick={turn}>
          <Icon name={theme === "dark" ? "sun" : "moon"} />
        </button>
        <button type="button" className="btn bar gold" aria-label="Install in your workspace" onClick={() => setInstalling(true)}>
          <span className="long">Install in your workspace</span>
          <span className="short">Install</span>
        </button>
      </div>
      {sandbox.progress && (
        <p className="progress" role="status">
          <i /> {sandbox.progress}
        </p>
      )}
      {failed && (
        <p className="failed error" role="alert">
          {failed}
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

const BOT_LABELS = { running: "Winsome is online", starting: "Winsome is starting", stopped: "Winsome is offline" };

function Trouble({ attempt }: { attempt: (op: string, given: object) => Promise<void> }): ReactNode {
  const { bot, faults } = useStore((state) => state.sandbox);
  const wrong = faults.includes("down") ? "Slack is down" : faults.includes("limited") ? "Slack is rate limiting" : BOT_LABELS[bot];
  const fault = (kind: string, title: string, about: string): ReactNode => (
    <Menu.CheckboxItem className="item" checked={faults.includes(kind)} onCheckedChange={(on) => void attempt("fault", { kind, on })} closeOnClick>
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
      <Menu.Trigger className="btn bar trouble" aria-label={`Simulate problems. Status: ${wrong}`}>
        <i className={faults.length ? "dot wrong" : `dot ${bot}`} />
        <span className="long">{wrong}</span> <Icon name="down" size={12} />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner className="positioner" align="end" sideOffset={6}>
          <Menu.Popup className="popup">
            <Menu.Group>
              <Menu.GroupLabel className="popup-title">Break something and see what happens to the wins</Menu.GroupLabel>
              {fault("down", "Slack is down", "Every API call returns HTTP 500")}
              {fault("limited", "Rate limit (429)", "Every API call has to wait five seconds")}
              {bot === "stopped" ? (
                <Menu.Item className="item" onClick={() => void attempt("bot", { on: true })}>
                  <span>
                    Restart the bot<small>It picks up where it left off</small>
                  </span>
                </Menu.Item>
              ) : (
                <Menu.Item className="item" onClick={() => void attempt("bot", { on: false })}>
                  <span>
                    Kill the bot<small>Instantly, like a power cut</small>
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
