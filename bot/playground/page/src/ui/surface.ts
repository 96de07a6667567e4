/* A message, a modal or the Home tab as something that blocks stand in. */

import { useMemo, useState } from "react";
import type { Surface } from "../blocks/context.ts";
import { ask } from "../store.ts";
import type { Json, View } from "../types.ts";

type Values = Surface["state"];

/** `values` are what the server holds; what is entered here comes on top. */
export function useSurfaceOf(target: Json, values: Values, errors: Record<string, string>, modal: boolean): Surface {
  const [entered, setEntered] = useState<Values>({});
  const at = JSON.stringify(target);
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
      act: (block, element, payload) => ask<string | null>("press", { ...target, block, action: element.action_id, payload }).catch((error: Error) => error.message),
      suggest: (block, element, typed) => ask<Json[]>("suggest", { ...target, block, action: element.action_id, typed }).catch(() => []),
    };
  }, [at, values, entered, errors, modal]);
}

export const useViewSurface = (view: View): Surface => useSurfaceOf({ view: view.id }, view.values, view.errors, view.type === "modal");
