/* What a block needs to know about its message or view. */

import { createContext, useContext } from "react";
import type { Json } from "../types.ts";

export interface Surface {
  /** Use an element; `payload` is what Slack puts into the action beside the ids and the type. Returns why it failed, in words. */
  act: (block: string, element: Json, payload: Json) => Promise<string | null>;
  /** The state of inputs, by block and action, in the shape of Slack's state.values. */
  state: Record<string, Record<string, Json>>;
  /** Store what was entered; `quietly` is false when an action of its own reports it. */
  set: (block: string, element: Json, payload: Json, quietly: boolean) => void;
  errors: Record<string, string>;
  /** Options of external selects, or groups of them; null if the bot did not answer. */
  suggest: (block: string, element: Json, typed: string) => Promise<Json[] | null>;
  modal: boolean;
}

export const SurfaceContext = createContext<Surface>({
  act: async () => null,
  state: {},
  set: () => {},
  errors: {},
  suggest: async () => [],
  modal: false,
});

export const useSurface = (): Surface => useContext(SurfaceContext);
