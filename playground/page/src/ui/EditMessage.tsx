/* Editing and deleting one's own messages. */

import { useState, type ReactNode } from "react";
import { confirmed } from "../blocks/confirm.tsx";
import { plain } from "../blocks/mrkdwn.tsx";
import { ask, current, handle } from "../store.ts";
import type { Message } from "../types.ts";

const words = (text: string): object => ({ type: "plain_text", text });
const QUESTION = { title: words("Delete message"), text: words("Are you sure? This can't be undone."), confirm: words("Delete"), deny: words("Cancel"), style: "danger" };

export async function remove(message: Message): Promise<void> {
  if (await confirmed(QUESTION)) await ask("delete", { channel: message.channel, ts: message.ts }).catch(() => {});
}

export function Edit({ message, onDone }: { message: Message; onDone: () => void }): ReactNode {
  const [text, setText] = useState(() => typed(message.text));
  const [error, setError] = useState("");
  async function save(): Promise<void> {
    if (!text.trim()) return;
    await ask("edit", { channel: message.channel, ts: message.ts, text: text.trim() }).then(onDone, (failed: Error) => setError(failed.message));
  }
  return (
    <div className="edit">
      <textarea
        aria-label="Edit message"
        autoFocus
        rows={Math.min(8, text.split("\n").length)}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === "Enter" && !event.shiftKey) {
            event.preventDefault();
            void save();
          } else if (event.key === "Escape") {
            event.preventDefault(); // the thread around it stays open
            onDone();
          }
        }}
      />
      {error && (
        <p className="error" role="alert">
          {error}
        </p>
      )}
      <div className="edit-tools">
        <button type="button" className="btn small" onClick={onDone}>
          Cancel
        </button>
        <button type="button" className="btn small primary" onClick={() => void save()}>
          Save changes
        </button>
      </div>
    </div>
  );
}

/** Turn Slack's markup back into typed text. */
function typed(text: string): string {
  const { people, channels } = current();
  return plain(
    text
      .replace(/<@(\w+)(?:\|[^>]*)?>/g, (_, id: string) => `@${people[id] ? handle(people[id]) : id}`)
      .replace(/<#(\w+)(?:\|[^>]*)?>/g, (_, id: string) => `#${channels[id]?.name ?? id}`)
      .replace(/<!(\w+)[^>]*>/g, "@$1")
      .replace(/<(?:http:\/\/|mailto:)([^>|]+)\|\1>/g, "$1")
      .replace(/<([^>|]+)(?:\|[^>]*)?>/g, "$1"),
  );
}
