/* The few icons of the page. */

import type { ReactNode } from "react";

const PATHS = {
  hash: "M6 2.5 4.5 13.5M11.5 2.5 10 13.5M2.5 6h11M2 10.5h11",
  lock: "M4.5 7V5a3.5 3.5 0 0 1 7 0v2M3.5 7h9v6.5h-9z",
  close: "M4 4l8 8M12 4l-8 8",
  smile: "M8 14.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM5.5 9.5c.6 1 1.4 1.5 2.5 1.5s1.900-.5 2.500-1.500M6 6.300v.2M10 6.300v.2",
  thread: "M3 3.500h10v7H8l-3 2.500v-2.500H3z",
  send: "M2.500 13.500 14 8 2.500 2.500 4.500 8zM4.500 8H9",
  more: "M3.500 8h.01M8 8h.01M12.500 8h.01",
  down: "M4 6l4 4 4-4",
  sun: "M8 10.800a2.800 2.800 0 1 0 0-5.600 2.800 2.800 0 0 0 0 5.600ZM8 1.500v1M8 13.500v1M1.500 8h1M13.500 8h1M3.400 3.400l.7.7M11.900 11.900l.7.7M3.400 12.600l.7-.7M11.900 4.100l.7-.7",
  moon: "M13 9.500A5.500 5.500 0 0 1 6.500 3 5.500 5.500 0 1 0 13 9.500Z",
  wire: "M2 5.500h9.500M9 3l2.500 2.500L9 8M14 10.500H4.500M7 8l-2.500 2.500L7 13",
  clock: "M8 14.500a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13ZM8 4.500V8l2.500 1.500",
  menu: "M2.500 4.500h11M2.500 8h11M2.500 11.500h11",
  bolt: "M9 1.500 3.500 9H8l-1 5.500L12.500 7H8z",
  check: "M3 8.500l3.500 3.500L13 4.500",
  back: "M10 3.500 5.500 8l4.500 4.500",
  plus: "M8 3v10M3 8h10",
  eye: "M1.500 8S4 3.500 8 3.500 14.500 8 14.500 8 12 12.500 8 12.500 1.500 8 1.500 8ZM8 9.800a1.800 1.800 0 1 0 0-3.600 1.800 1.800 0 0 0 0 3.600Z",
  file: "M4 1.500h5l3 3v10H4zM9 1.500v3h3",
  warn: "M8 2 1.500 13.500h13zM8 6.500v3M8 11.500v.01",
  clip: "M12.500 7.500 7.800 12.200a2.800 2.800 0 0 1-4-4l5-5a1.900 1.900 0 0 1 2.700 2.700l-4.800 4.800a.9.9 0 0 1-1.300-1.300L9.700 5.100",
  up: "M4 10l4-4 4 4",
  trash: "M3 4.500h10M6.500 4V2.500h3V4M4.500 4.500l.5 9h6l.5-9",
};

export function Icon({ name, size = 16 }: { name: keyof typeof PATHS; size?: number }): ReactNode {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinecap="round" strokeLinejoin="round" aria-hidden>
      <path d={PATHS[name]} />
    </svg>
  );
}
