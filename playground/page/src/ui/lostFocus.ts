/* Where the keyboard goes on when what had the focus is gone: to the message it was in, or to the last one. */

import { useEffect } from "react";

export function useLostFocus(): void {
  useEffect(() => {
    let held: Element | null = null;
    let list = "";
    let ts: string | undefined;
    const note = (event: FocusEvent): void => {
      held = event.target as Element;
      if (held.closest("[role=dialog], [role=alertdialog], [role=menu]")) return; // the place it was opened from stays
      list = held.closest(".thread") ? ".thread" : held.closest("main") ? "main" : "";
      ts = held.closest<HTMLElement>(".message")?.dataset.ts;
    };
    const move = (): void => {
      if (!list || held?.isConnected || document.activeElement !== document.body || document.querySelector("[role=dialog], [role=alertdialog]")) return;
      const all = [...document.querySelectorAll<HTMLElement>(`${list} .message`)];
      (all.find((each) => each.dataset.ts === ts) ?? all.at(-1))?.focus({ preventScroll: true });
    };
    const changed = new MutationObserver(() => {
      if (list && !held?.isConnected) setTimeout(move, 50); // after a dialog has given the focus back itself
    });
    changed.observe(document.body, { childList: true, subtree: true });
    document.addEventListener("focusin", note);
    return () => (changed.disconnect(), document.removeEventListener("focusin", note));
  }, []);
}
