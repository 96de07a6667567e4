/* The topmost of the views that the bot has opened for this person. */

import { Dialog } from "@base-ui/react/dialog";
import { useState, type ReactNode } from "react";
import { SurfaceContext } from "../blocks/context.ts";
import { Blocks } from "../blocks/index.tsx";
import { Icon } from "../icons.tsx";
import { ask, useStore } from "../store.ts";
import type { Block, Json, View } from "../types.ts";
import { useViewSurface } from "./surface.ts";

export function Modal(): ReactNode {
  const views = useStore((state) => state.views);
  const top = views.at(-1);
  const [dirty, setDirty] = useState(false);
  const close = (clear: boolean): void => {
    setDirty(false);
    if (top) void ask("view_close", { view: top.id, clear }).catch(() => {});
  };
  return (
    <Dialog.Root open={Boolean(top)} onOpenChange={(open) => open || close(true)}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="dialog" onInput={() => setDirty(true)} data-dirty={dirty}>
          {top && <Form key={top.id} view={top} depth={views.length} onClose={close} />}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Form({ view, depth, onClose }: { view: View; depth: number; onClose: (clear: boolean) => void }): ReactNode {
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [failed, setFailed] = useState("");
  const [busy, setBusy] = useState(false);
  const surface = useViewSurface(view, errors);

  async function submit(): Promise<void> {
    const wrong = check(view.blocks, surface.state);
    setErrors(wrong);
    setFailed("");
    if (Object.keys(wrong).length) return void setTimeout(() => document.querySelector<HTMLElement>(".wrong input, .wrong textarea")?.focus(), 0);
    setBusy(true);
    try {
      const answer = await ask<{ errors?: Record<string, string>; error?: string } | null>("view_submit", { view: view.id, state: surface.state });
      setErrors(answer?.errors ?? {});
      if (answer?.error) setFailed("We had some trouble connecting. Try again?");
    } catch (error) {
      setFailed((error as Error).message);
    } finally {
      setBusy(false);
    }
  }

  return (
    <form
      className="modal"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <header>
        {depth > 1 && (
          <button type="button" className="btn quiet" aria-label="Back" onClick={() => onClose(false)}>
            <Icon name="back" />
          </button>
        )}
        <Dialog.Title className="dialog-title">{view.title?.text}</Dialog.Title>
        <button type="button" className="btn quiet" aria-label="Close" onClick={() => onClose(true)}>
          <Icon name="close" />
        </button>
      </header>
      <div className="modal-body">
        {failed && (
          <p className="error" role="alert">
            {failed}
          </p>
        )}
        <SurfaceContext value={surface}>
          <Blocks blocks={view.blocks} />
        </SurfaceContext>
      </div>
      <div className="dialog-feet">
        <button type="button" className="btn" onClick={() => onClose(false)}>
          {view.close?.text ?? "Cancel"}
        </button>
        {view.submit && (
          <button type="submit" className="btn primary" aria-busy={busy} disabled={busy}>
            {view.submit.text}
          </button>
        )}
      </div>
    </form>
  );
}

/** What Slack itself refuses before the app hears of it. */
function check(blocks: Block[], state: Record<string, Record<string, Json>>): Record<string, string> {
  const wrong: Record<string, string> = {};
  for (const block of blocks) {
    if (block.type !== "input") continue;
    const element: Json = block.element;
    const held = state[block.block_id ?? ""]?.[element.action_id] ?? {};
    const [value] = Object.entries(held).filter(([name]) => name !== "type").map(([, each]) => each);
    const nothing = value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length);
    const id = block.block_id ?? "";
    if (nothing) {
      if (!block.optional) wrong[id] = "Please complete this required field.";
      continue;
    }
    const text = String(value);
    if (element.min_length && text.length < element.min_length) wrong[id] = `This must be at least ${element.min_length} characters long.`;
    if (element.max_length && text.length > element.max_length) wrong[id] = `This must be at most ${element.max_length} characters long.`;
    if (element.type === "number_input") {
      const number = Number(text);
      if (!Number.isFinite(number)) wrong[id] = "Enter a number.";
      else if (!element.is_decimal_allowed && !Number.isInteger(number)) wrong[id] = "Enter a whole number.";
      else if (element.min_value !== undefined && number < Number(element.min_value)) wrong[id] = `Enter ${element.min_value} or more.`;
      else if (element.max_value !== undefined && number > Number(element.max_value)) wrong[id] = `Enter ${element.max_value} or less.`;
    }
    if (element.type === "email_text_input" && !/^\S+@\S+\.\S+$/.test(text)) wrong[id] = "Enter an email address, such as ana@example.com.";
    if (element.type === "url_text_input" && !/^https?:\/\/\S+$/.test(text)) wrong[id] = "Enter an address that begins with https://.";
    if (Array.isArray(value) && element.max_selected_items && value.length > element.max_selected_items) wrong[id] = `Choose ${element.max_selected_items} at most.`;
  }
  return wrong;
}
