/* The value of an interactive element, and what it needs to know about its block. */

import { useState } from "react";
import type { Json } from "../types.ts";
import { confirmed } from "./confirm.tsx";
import { useSurface } from "./context.ts";

export interface Props {
  block: string;
  element: Json;
  /** Called after each use of the element, with words where it failed. */
  onUse: (failure: string | null) => void;
  /** Inside an input block: the ids of its label and of its hint or error. */
  label?: { id: string; labelledBy: string; describedBy?: string; dispatch: boolean; optional: boolean };
}

/** The current value: what was chosen, or the initial one. */
export function useValue({ block, element, label, onUse }: Props): [Json, (payload: Json, act?: boolean) => Promise<void>, boolean] {
  const surface = useSurface();
  const [busy, setBusy] = useState(false);
  const held = surface.state[block]?.[element.action_id] ?? initial(element);
  const change = async (payload: Json, act = !label || label.dispatch): Promise<void> => {
    if (act && element.confirm && !(await confirmed(element.confirm))) return;
    surface.set(block, element, payload, !act);
    if (!act) return;
    setBusy(true);
    onUse(await surface.act(block, element, payload));
    setBusy(false);
  };
  return [held, change, busy];
}

export function initial(element: Json): Json {
  const starts: Json = {};
  for (const [name, value] of Object.entries(element)) {
    if (!name.startsWith("initial_")) continue;
    const rest = name.slice("initial_".length);
    starts[rest === "value" ? (element.type === "rich_text_input" ? "rich_text_value" : "value") : `selected_${rest}`] = value;
  }
  return starts;
}
