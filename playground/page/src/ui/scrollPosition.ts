/* The scroll position, which survives a reload. */

import { useRef, type RefObject } from "react";
import { current } from "../store.ts";
import type { Message } from "../types.ts";

interface Spot {
  ts: string;
  top: number;
}

let resting: ReturnType<typeof setTimeout> | undefined;
let reloaded = true; // the first list of a page's life is the one that was reloaded

export function useScrollPosition(box: RefObject<HTMLElement | null>, channel: string) {
  const { epoch, me } = current();
  const key = `winsome:scroll:${epoch}:${me}:${channel}`;
  const spot = useRef<Spot | null | undefined>(undefined);
  if (spot.current === undefined) {
    spot.current = reloaded ? (JSON.parse(sessionStorage.getItem(key) ?? "null") as Spot | null) : null;
    reloaded = false;
  }
  const edge = (): number => box.current!.getBoundingClientRect().top;
  return {
    get is(): boolean {
      return spot.current !== null;
    },
    /** How many of the last messages have to be drawn. */
    from: (messages: Message[]): number => (spot.current ? messages.length - messages.findIndex((each) => each.ts === spot.current!.ts) + 20 : 0),
    /** Bring the message back to where it was; the list settles while it is drawn, so it is done twice. */
    restore(): void {
      const { ts, top } = spot.current!;
      spot.current = null;
      const scroll = (): void => {
        const found = box.current?.querySelector(`[data-ts="${ts}"]`);
        if (found) box.current!.scrollTop += found.getBoundingClientRect().top - edge() - top;
      };
      scroll();
      requestAnimationFrame(scroll);
    },
    /** Store the position once scrolling stops. */
    keep(): void {
      clearTimeout(resting);
      resting = setTimeout(() => {
        const list = box.current;
        if (!list) return;
        const upmost = [...list.querySelectorAll<HTMLElement>(".message")].find((each) => each.getBoundingClientRect().bottom > edge());
        if (list.scrollHeight - list.scrollTop - list.clientHeight < 40 || !upmost) sessionStorage.removeItem(key);
        else sessionStorage.setItem(key, JSON.stringify({ ts: upmost.dataset.ts, top: upmost.getBoundingClientRect().top - edge() }));
      }, 150);
    },
  };
}
