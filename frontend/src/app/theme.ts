const dark = window.matchMedia("(prefers-color-scheme: dark)");
let chosen = "";

function apply(): void {
  const night = chosen === "dark" || (chosen !== "light" && dark.matches);
  document.documentElement.dataset["theme"] = night ? "dark" : "light";
}

dark.addEventListener("change", apply);

/** "light", "dark", or "" to follow the system. */
export function showTheme(theme: string): void {
  chosen = theme;
  apply();
}
