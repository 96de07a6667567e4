/* Confirm: asked before the deed, with the focus where the safe answer is. */

import { AlertDialog } from "@base-ui/react/alert-dialog";
import { useEffect, useState, type ReactNode } from "react";
import type { Json } from "../types.ts";
import { Text } from "./mrkdwn.tsx";

type Asking = { confirm: Json; answer: (yes: boolean) => void };
let ask: (asking: Asking) => void = () => {};

/** Ask a question, a confirm object of Block Kit; the answer is whether it was confirmed. */
export function confirmed(confirm: Json): Promise<boolean> {
  return new Promise((answer) => ask({ confirm, answer }));
}

export function ConfirmDialog(): ReactNode {
  const [asking, setAsking] = useState<Asking | null>(null);
  useEffect(() => {
    ask = setAsking;
  }, []);
  const answer = (yes: boolean): void => {
    asking?.answer(yes);
    setAsking(null);
  };
  const confirm = asking?.confirm ?? {};
  return (
    <AlertDialog.Root open={asking !== null} onOpenChange={(open) => open || answer(false)}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="backdrop over" />
        <AlertDialog.Popup className="dialog small over">
          <AlertDialog.Title className="dialog-title">{confirm.title?.text}</AlertDialog.Title>
          <AlertDialog.Description className="dialog-words" render={<div />}>
            {confirm.text && <Text of={confirm.text} />}
          </AlertDialog.Description>
          <div className="dialog-feet">
            <button type="button" className="btn" onClick={() => answer(false)}>
              {confirm.deny?.text ?? "Cancel"}
            </button>
            <button type="button" className={confirm.style === "danger" ? "btn danger" : "btn primary"} onClick={() => answer(true)}>
              {confirm.confirm?.text ?? "Yes"}
            </button>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
