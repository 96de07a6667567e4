/* The message field: completes commands, people, channels and emoji, and shows a command's hint. */

import { Menu } from "@base-ui/react/menu";
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { find, sign } from "../emoji.ts";
import { base64, LARGEST } from "../files.ts";
import { Icon } from "../icons.tsx";
import { ask, current, handle, useShortcut, useStore } from "../store.ts";
import type { Channel, Command } from "../types.ts";
import { EmojiPicker } from "./EmojiPicker.tsx";

interface Suggestion {
  insert: string;
  title: ReactNode;
  about: string;
  key: string;
}

export function Composer({ channel, thread }: { channel: Channel; thread?: string }): ReactNode {
  const key = useStore((state) => `winsome:draft:${state.me}:${channel.id}:${thread ?? ""}`);
  const [text, setText] = useState(() => sessionStorage.getItem(key) ?? "");
  const [caret, setCaret] = useState(text.length);
  const [picked, setPicked] = useState(0);
  const [closed, setClosed] = useState("");
  const [error, setError] = useState("");
  const [waiting, setWaiting] = useState(false);
  const box = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  const commands = useStore((state) => state.commands);
  const builtin = useStore((state) => state.builtin);
  const people = useStore((state) => state.people);
  const me = useStore((state) => state.me);
  const app = useStore((state) => state.app);
  const ready = useStore((state) => state.sandbox.ready);
  const shortcuts = useStore((state) => state.shortcuts).filter((each) => each.kind === "global");
  const all = useMemo(() => (thread ? [] : [...commands, ...builtin]), [thread, commands, builtin]); // Slack takes none in threads

  useEffect(() => {
    if (!matchMedia("(pointer: coarse)").matches) box.current?.focus({ preventScroll: true });
  }, []);
  useEffect(() => {
    const fill = (event: Event): void => {
      const detail = (event as CustomEvent<{ text: string; send?: boolean }>).detail;
      if (thread) return;
      write(detail.text);
      box.current?.focus();
    };
    window.addEventListener("compose", fill);
    return () => window.removeEventListener("compose", fill);
  });
  useLayoutEffect(() => {
    const area = box.current!;
    area.style.height = "0";
    area.style.height = `${Math.min(area.scrollHeight, 220)}px`;
  }, [text]);

  const word = text.slice(0, caret).match(/(?:^|\s)([/@#:][\p{L}\p{N}_.+'-]*)$/u)?.[1] ?? "";
  const suggestions = useMemo(
    () => (closed === word ? [] : suggest(word, text.trimStart() === text && word === text.slice(0, caret), all)),
    [word, closed, all, people, caret, text],
  );
  const at = Math.min(picked, suggestions.length - 1);
  const command = all.find((each) => text === each.name || text.startsWith(`${each.name} `));

  function write(fresh: string, at = fresh.length): void {
    setText(fresh);
    setCaret(at);
    setPicked(0);
    setError("");
    sessionStorage.setItem(key, fresh);
    requestAnimationFrame(() => box.current?.setSelectionRange(at, at));
  }

  function take(one: Suggestion): void {
    const begin = caret - word.length;
    write(`${text.slice(0, begin)}${one.insert} ${text.slice(caret).replace(/^ /, "")}`, begin + one.insert.length + 1);
    box.current?.focus();
  }

  async function send(): Promise<void> {
    const said = text.trim();
    if (!said) return;
    write("");
    setWaiting(true);
    if (!thread) window.dispatchEvent(new Event("sent")); // so that the answer is seen, too
    try {
      await ask("send", { channel: channel.id, text: said, ...(thread ? { thread } : {}) });
    } catch (failed) {
      const meanwhile = sessionStorage.getItem(key);
      write(meanwhile ? `${said}\n${meanwhile}` : said);
      setError((failed as Error).message);
    } finally {
      setWaiting(false);
    }
  }

  async function share(picked: HTMLInputElement): Promise<void> {
    const file = picked.files?.[0];
    picked.value = "";
    if (!file) return;
    if (file.size > LARGEST) return setError("Files can be up to 5 MB.");
    await ask("share", { channel: channel.id, name: file.name, content: await base64(file) }).catch((failed: Error) => setError(failed.message));
  }

  const name = thread ? "Reply in thread" : channel.im ? `Message ${people[channel.members.find((one) => one !== me) ?? me]?.real ?? ""}` : `Message #${channel.name}`;
  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {suggestions.length > 0 && (
        <ul className="popup suggestions" id={`${id}-list`} role="listbox" aria-label="Suggestions" ref={fit}>
          {suggestions.map((each, number) => (
            <li
              key={each.key}
              id={`${id}-${number}`}
              role="option"
              aria-selected={number === at}
              ref={number === at ? show : undefined}
              className={number === at ? "item picked" : "item"}
              onMouseEnter={() => setPicked(number)}
              onMouseDown={(event) => {
                event.preventDefault();
                take(each);
              }}
            >
              <span>{each.title}</span>
              <small>{each.about}</small>
            </li>
          ))}
        </ul>
      )}
      {error && (
        <p className="error" role="alert">
          {error}
        </p>
      )}
      {command && suggestions.length === 0 && (
        <p className="hint-line" id={`${id}-hint`}>
          <code>
            {command.name} {command.hint}
          </code>{" "}
          {command.about}
        </p>
      )}
      <div className="box">
        <textarea
          id={thread ? undefined : "composer"}
          ref={box}
          rows={1}
          value={text}
          placeholder={thread ? "Reply…" : channel.im ? name : `${name}, or type / for commands`}
          aria-label={name}
          aria-autocomplete="list"
          aria-controls={suggestions.length ? `${id}-list` : undefined}
          aria-activedescendant={suggestions.length ? `${id}-${at}` : undefined}
          aria-describedby={command && !suggestions.length ? `${id}-hint` : undefined}
          onChange={(event) => {
            setClosed("");
            write(event.target.value, event.target.selectionStart);
          }}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
          onKeyDown={(event) => {
            if (event.nativeEvent.isComposing) return;
            if (suggestions.length) {
              if (event.key === "ArrowDown" || event.key === "ArrowUp") {
                event.preventDefault();
                return setPicked((at + (event.key === "ArrowDown" ? 1 : suggestions.length - 1)) % suggestions.length);
              }
              if ((event.key === "Enter" && !event.shiftKey) || event.key === "Tab") {
                const one = suggestions[at]!;
                if (one.insert !== text || event.key === "Tab") {
                  event.preventDefault();
                  return take(one);
                }
              }
              if (event.key === "Escape") {
                event.preventDefault();
                return setClosed(word);
              }
            }
            if (event.key === "Enter" && !event.shiftKey) {
              event.preventDefault();
              void send();
            }
            if (event.key === "ArrowUp" && !text) {
              event.preventDefault();
              [...(box.current!.closest("main, aside")?.querySelectorAll<HTMLElement>(".message") ?? [])].at(-1)?.focus();
            }
          }}
        />
        <div className="box-tools">
          {shortcuts.length > 0 && !thread && (
            <Menu.Root>
              <Menu.Trigger className="btn quiet" aria-label="Shortcuts" title="Shortcuts">
                <Icon name="bolt" />
              </Menu.Trigger>
              <Menu.Portal>
                <Menu.Positioner className="positioner" side="top" align="start" sideOffset={6}>
                  <Menu.Popup className="popup">
                    {shortcuts.map((each) => (
                      <Menu.Item key={each.id} className="item" onClick={() => void useShortcut(app.name, each.id, { channel: channel.id }).then(setError)}>
                        <span>
                          {each.name}
                          {each.about && <small>{each.about}</small>}
                        </span>
                      </Menu.Item>
                    ))}
                  </Menu.Popup>
                </Menu.Positioner>
              </Menu.Portal>
            </Menu.Root>
          )}
          {!thread && (
            <label className="btn quiet attach" title="Attach a file">
              <Icon name="clip" />
              <input type="file" aria-label="Attach a file" onChange={(event) => void share(event.target)} />
            </label>
          )}
          <EmojiPicker className="btn quiet" label="Add an emoji" onPick={(emoji) => write(`${text.slice(0, caret)}:${emoji}: ${text.slice(caret)}`, caret + emoji.length + 3)}>
            <Icon name="smile" />
          </EmojiPicker>
          {waiting && (
            <span className="soft small" role="status">
              {ready ? "Sending…" : "Sending once the sample history has loaded…"}
            </span>
          )}
          <button className="btn send" type="submit" aria-label="Send" disabled={!text.trim()}>
            <Icon name="send" />
          </button>
        </div>
      </div>
    </form>
  );
}

/** Keep the suggestions between the top of the channel and the message field. */
function fit(list: HTMLElement | null): void {
  const above = list?.closest("main, aside")?.getBoundingClientRect().top ?? 0;
  list?.style.setProperty("--available-height", `${list.getBoundingClientRect().bottom - above - 8}px`);
}

const show = (item: HTMLElement | null): void => item?.scrollIntoView({ block: "nearest" });

function suggest(word: string, atBeginning: boolean, commands: Command[]): Suggestion[] {
  const looked = word.slice(1).toLowerCase();
  const { people, channels } = current();
  if (word.startsWith("/") && atBeginning)
    return commands
      .filter((each) => each.name.startsWith(word))
      .toSorted((one, other) => Number(other.name === word) - Number(one.name === word)) // what is typed in full comes first
      .slice(0, 8)
      .map((each) => ({ key: each.name, insert: each.name, title: <code>{`${each.name} ${each.hint}`}</code>, about: each.about }));
  if (word.startsWith("@"))
    return Object.values(people)
      .filter((each) => !each.gone && [each.name, each.shown, each.real].some((name) => name.toLowerCase().startsWith(looked)) && handle(each).toLowerCase() !== looked)
      .slice(0, 8)
      .map((each) => ({ key: each.id, insert: `@${handle(each)}`, title: each.real, about: `@${handle(each)}` }));
  if (word.startsWith("#"))
    return Object.values(channels)
      .filter((each) => !each.im && each.name.startsWith(looked) && each.name !== looked)
      .slice(0, 8)
      .map((each) => ({ key: each.id, insert: `#${each.name}`, title: `#${each.name}`, about: each.private ? "private" : "" }));
  if (word.startsWith(":") && looked.length >= 2 && !sign(looked))
    return find(looked, 8).map((each) => ({ key: each.names[0]!, insert: `:${each.names[0]}:`, title: `${each.sign} :${each.names[0]}:`, about: each.label }));
  return [];
}
