/* Light or dark: the system's setting until one is chosen. */

import { useSyncExternalStore } from "react";

const listeners = new Set<() => void>();
const system = matchMedia("(prefers-color-scheme: dark)");

const theme = (): "light" | "dark" => (localStorage.getItem("winsome:theme") as "light" | "dark" | null) ?? (system.matches ? "dark" : "light");

function show(): void {
  document.documentElement.dataset.theme = theme();
  listeners.forEach((listener) => listener());
}

export function useTheme(): ["light" | "dark", () => void] {
  const now = useSyncExternalStore((listener) => (listeners.add(listener), () => listeners.delete(listener)), theme);
  return [
    now,
    () => {
      localStorage.setItem("winsome:theme", now === "dark" ? "light" : "dark");
      show();
    },
  ];
}

useTheme.begin = (): void => {
  show();
  system.addEventListener("change", show);
};
