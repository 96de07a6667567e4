/* All emoji, by group or by search. */

import { Popover } from "@base-ui/react/popover";
import { useMemo, useState, type ReactNode } from "react";
import { EMOJI, FREQUENT, find, GROUPS, sign, type Emoji } from "../emoji.ts";

export function EmojiPicker({ children, label, className, onPick }: { children: ReactNode; label: string; className?: string; onPick: (name: string) => void }): ReactNode {
  const [open, setOpen] = useState(false);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger className={className} aria-label={label} title={label}>
        {children}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner className="positioner" sideOffset={6} collisionPadding={8}>
          <Popover.Popup className="popup emoji-picker" aria-label={label}>
            {open && (
              <Grid
                onPick={(name) => {
                  setOpen(false);
                  onPick(name);
                }}
              />
            )}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Grid({ onPick }: { onPick: (name: string) => void }): ReactNode {
  const [word, setWord] = useState("");
  const found = useMemo(() => (word ? find(word, 90) : null), [word]);
  const cell = (each: Emoji): ReactNode => (
    <button type="button" key={each.names[0]} onClick={() => onPick(each.names[0]!)} title={`:${each.names[0]}:`} aria-label={each.names[0]!.replaceAll("_", " ")}>
      {each.sign}
    </button>
  );
  return (
    <>
      <input
        className="field"
        type="search"
        placeholder="Search emoji"
        aria-label="Search emoji"
        autoFocus
        value={word}
        onChange={(event) => setWord(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && found?.[0]) onPick(found[0].names[0]!);
        }}
      />
      <div className="emoji-grid" role="group" aria-label="Emoji">
        {found ? (
          <div className="emoji-cells">{found.length ? found.map(cell) : <p className="empty">No emoji found</p>}</div>
        ) : (
          <>
            <h3>Frequently used</h3>
            <div className="emoji-cells">{FREQUENT.map((name) => cell({ group: 0, sign: sign(name)!, names: [name], label: name }))}</div>
            {GROUPS.map(([group, title]) => (
              <section key={group} className="emoji-group">
                <h3>{title}</h3>
                <div className="emoji-cells">{EMOJI.filter((each) => each.group === group).map(cell)}</div>
              </section>
            ))}
          </>
        )}
      </div>
    </>
  );
}
