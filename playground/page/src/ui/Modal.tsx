/* The topmost of the views that the bot has opened for this person. */

import { Dialog } from "@base-ui/react/dialog";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { SurfaceContext } from "../blocks/context.ts";
import { Blocks } from "../blocks/index.tsx";
import { Icon } from "../icons.tsx";
import { ask, useStore } from "../store.ts";
import type { View } from "../types.ts";
import { useViewSurface } from "./surface.ts";

export function Modal(): ReactNode {
  const views = useStore((state) => state.views);
  const top = views.at(-1);
  const popup = useRef<HTMLDivElement>(null);
  const close = (everything: boolean): void => {
    if (top) void ask("close", { view: top.id, everything }).catch(() => {});
  };
  return (
    <Dialog.Root open={Boolean(top)} onOpenChange={(open) => open || close(true)}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="dialog" ref={popup} initialFocus={() => firstField(popup.current) ?? popup.current}>
          {top && <Form key={top.id} view={top} depth={views.length} onClose={close} />}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** The first field of a form, as in Slack; a button above it doesn't count. */
const firstField = (popup: HTMLElement | null): HTMLElement | null =>
  popup?.querySelector<HTMLElement>(".modal-body :is(input, textarea)") ?? popup?.querySelector<HTMLElement>(".modal-body button") ?? null;

/** Whether no usable element has the focus: the one that had it is gone, or none had it yet. */
const focusIsLost = (): boolean => !document.activeElement || document.activeElement === document.body || document.activeElement.matches(".dialog");

function Form({ view, depth, onClose }: { view: View; depth: number; onClose: (everything: boolean) => void }): ReactNode {
  const [failed, setFailed] = useState("");
  const [busy, setBusy] = useState(false);
  const surface = useViewSurface(view);
  const said = failed || view.trouble;
  useEffect(() => {
    const wrong = Object.keys(view.errors).length ? document.querySelector<HTMLElement>(".b-input.wrong") : null;
    wrong?.querySelector<HTMLElement>("input, textarea")?.focus();
    wrong?.scrollIntoView({ block: "nearest" }); // with the error under it
  }, [view.errors]);
  useEffect(() => {
    const popup = document.querySelector<HTMLElement>(".dialog:has(> .modal)");
    if (focusIsLost()) (firstField(popup) ?? popup)?.focus();
  }, [view.hash]);

  async function submit(): Promise<void> {
    setFailed("");
    setBusy(true);
    await ask("submit", { view: view.id }).catch((error: Error) => setFailed(error.message));
    setBusy(false);
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
        {said && (
          <p className="error" role="alert">
            {said}
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
