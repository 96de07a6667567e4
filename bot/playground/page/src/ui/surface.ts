/* A modal or the Home tab as something that blocks stand in. */

import { useMemo, useState } from "react";
import { initial } from "../blocks/elements.tsx";
import type { Surface } from "../blocks/context.ts";
import { ask } from "../store.ts";
import type { Block, Json, View } from "../types.ts";

export function useViewSurface(view: View, errors: Record<string, string>): Surface {
  const [state, setState] = useState<Surface["state"]>(() => beginning(view.blocks));
  return useMemo(() => {
    const merged = { ...beginning(view.blocks), ...state };
    return {
      state: merged,
      errors,
      modal: view.type === "modal",
      set: (block, element, payload) => setState((before) => ({ ...before, [block]: { ...(before[block] ?? merged[block]), [element.action_id]: { type: element.type, ...payload } } })),
      act: (block, element, payload) =>
        ask<string | null>("view_press", {
          view: view.id,
          block,
          action: element.action_id,
          payload,
          state: { ...merged, [block]: { ...merged[block], [element.action_id]: { type: element.type, ...payload } } },
        }).catch((error: Error) => error.message),
      suggest: (block, element, typed) => ask<Json[]>("suggest", { view: view.id, block, action: element.action_id, typed }).catch(() => []),
    };
  }, [view, state, errors]);
}

/** The state that a view begins with: Slack lists every input, filled in or not. */
function beginning(blocks: Block[]): Surface["state"] {
  const state: Surface["state"] = {};
  for (const block of blocks) {
    const elements: Json[] = block.type === "input" ? [block.element] : block.type === "actions" ? block.elements : block.accessory ? [block.accessory] : [];
    for (const element of elements) {
      if (!element?.action_id || /^(button|workflow_button|overflow|image)$/.test(element.type)) continue;
      (state[block.block_id ?? ""] ??= {})[element.action_id] = { type: element.type, ...empty(element), ...initial(element) };
    }
  }
  return state;
}

function empty(element: Json): Json {
  const many = String(element.type).startsWith("multi_") || element.type === "checkboxes";
  const word = { users_select: "user", conversations_select: "conversation", channels_select: "channel", datepicker: "date", timepicker: "time", datetimepicker: "date_time" }[String(element.type).replace(/^multi_/, "")];
  if (/_input$/.test(element.type)) return element.type === "rich_text_input" ? {} : element.type === "file_input" ? { files: [] } : { value: null };
  return { [`selected_${word ?? "option"}${many ? "s" : ""}`]: many ? [] : null };
}
