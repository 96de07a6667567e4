/* The surface that blocks are drawn on: a message, a modal or the Home tab. */

import { useEffect, useMemo, useState } from "react";
import type { Surface } from "../blocks/context.ts";
import { ask } from "../store.ts";
import type { Json, View } from "../types.ts";

type Values = Surface["state"];

/** `values` are what the server holds; what is entered here overrides them while its field exists. */
export function useSurfaceOf(target: Json, values: Values, errors: Record<string, string>, modal: boolean): Surface {
  const [entered, setEntered] = useState<Values>({});
  const at = JSON.stringify(target);
  useEffect(() => {
    if (isView(target)) setEntered((before) => stillThere(before, values));
  }, [at, values]);
  return useMemo(() => {
    const state = { ...values };
    for (const [block, actions] of Object.entries(entered)) state[block] = { ...state[block], ...actions };
    return {
      state,
      errors,
      modal,
      set: (block, element, payload, quietly) => {
        setEntered((before) => ({ ...before, [block]: { ...before[block], [element.action_id]: { type: element.type, ...payload } } }));
        if (quietly) void ask("fill", { ...target, block, action: element.action_id, payload }).catch(() => {});
      },
      act: (block, element, payload) =>
        ask<string | null>("press", { ...target, block, action: element.action_id, payload }).then(
          (error) => error && "Winsome didn't respond. Try again.",
          (refusal: Error) => refusal.message,
        ),
      suggest: (block, element, typed) => ask<Json[] | null>("suggest", { ...target, block, action: element.action_id, typed }).catch(() => null),
    };
  }, [at, values, entered, errors, modal]);
}

const isView = (target: Json): boolean => "view" in target;

/** What was entered into fields that a view still has: a field that comes back later starts empty. */
function stillThere(entered: Values, values: Values): Values {
  const left: Values = {};
  for (const [block, actions] of Object.entries(entered)) {
    const kept = Object.entries(actions).filter(([action, one]) => values[block]?.[action]?.type === one.type);
    if (kept.length) left[block] = Object.fromEntries(kept);
  }
  return left;
}

export const useViewSurface = (view: View): Surface => useSurfaceOf({ view: view.id }, view.values, view.errors, view.type === "modal");
