/* The API log: every request, event and response between Slack and the bot. */

import { memo, useDeferredValue, useEffect, useMemo, useState, type ReactNode } from "react";
import { clock } from "../dates.ts";
import { Icon } from "../icons.tsx";
import { openApiLog, useStore } from "../store.ts";
import type { ApiLogLine } from "../types.ts";

const KINDS: [string, string, (line: ApiLogLine) => boolean][] = [
  ["all", "All", () => true],
  ["in", "API calls", (line) => line.way === "in"],
  ["acts", "Commands and buttons", (line) => line.way === "out" && line.kind !== "events_api"],
  ["events", "Events", (line) => line.kind === "events_api"],
  ["wrong", "Failed", (line) => !line.ok],
];
const MOST = 250;
const NONE: ApiLogLine[] = [];

export function ApiLog({ onClose }: { onClose: () => void }): ReactNode {
  const lines = useStore((state) => state.apiLog) ?? NONE;
  const [kind, setKind] = useState("all");
  const [word, setWord] = useState("");
  const looked = useDeferredValue(word.toLowerCase());
  useEffect(() => {
    openApiLog(true);
    return () => openApiLog(false);
  }, []);
  const shown = useMemo(() => {
    const fits = KINDS.find(([name]) => name === kind)![2];
    return lines
      .filter((line) => fits(line) && (!looked || JSON.stringify(line).toLowerCase().includes(looked)))
      .slice(-MOST)
      .reverse();
  }, [lines, kind, looked]);
  return (
    <section className="api-log" aria-label="API log" onKeyDown={(event) => event.key === "Escape" && onClose()}>
      <header>
        <h2>API log</h2>
        <div className="chips" role="group" aria-label="Filter by type">
          {KINDS.map(([name, title]) => (
            <button type="button" key={name} className="pill" aria-pressed={kind === name} onClick={() => setKind(name)}>
              {title}
            </button>
          ))}
        </div>
        <input className="field" type="search" placeholder="Filter" aria-label="Filter log" value={word} onChange={(event) => setWord(event.target.value)} />
        <button type="button" className="btn quiet" aria-label="Close API log" onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <div className="api-log-lines" tabIndex={0} role="group" aria-label="Lines, newest first">
        {shown.length ? shown.map((line) => <Line key={line.n} line={line} />) : <p className="empty">No requests yet</p>}
      </div>
    </section>
  );
}

const Line = memo(function Line({ line }: { line: ApiLogLine }): ReactNode {
  const [open, setOpen] = useState(false);
  return (
    <details className={`api-log-line ${line.way} ${line.ok ? "" : "failed"}`} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span className="way" title={line.way === "in" ? "Request from the bot" : "Event from Slack"}>
          {line.way === "in" ? "bot → Slack" : "Slack → bot"}
        </span>
        <code>{line.name}</code>
        <span className="about">{line.about}</span>
        {line.attempt ? <span className="tag">attempt {line.attempt + 1}</span> : null}
        {line.fault && <span className="tag bad">{line.fault}</span>}
        {!line.ok && <span className="tag bad">{line.error}</span>}
        <span className="ms">{line.ms < 10 ? line.ms.toFixed(1) : Math.round(line.ms)} ms</span>
        <time>{clock(Date.parse(line.at) / 1000)}</time>
      </summary>
      {open && (
        <div className="api-log-json">
          <div>
            <h3>{line.way === "in" ? "Request" : "Payload"}</h3>
            <pre tabIndex={0}>{JSON.stringify(line.sent, null, 2)}</pre>
          </div>
          <div>
            <h3>Response{line.status ? ` (${line.status})` : ""}</h3>
            <pre tabIndex={0}>{line.answer === null || line.answer === undefined ? "Empty" : JSON.stringify(line.answer, null, 2)}</pre>
          </div>
        </div>
      )}
    </details>
  );
});
