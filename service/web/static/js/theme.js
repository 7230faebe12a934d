// Sets light or dark before the page is drawn: as chosen here before, else as the system says.
const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");
const stored = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
const set = (theme) => {
  root.dataset.theme = theme;
  document.dispatchEvent(new CustomEvent("theme", { detail: theme }));
};
set(stored() ?? (system.matches ? "dark" : "light"));
system.addEventListener("change", () => { if (!stored()) set(system.matches ? "dark" : "light"); });
document.addEventListener("DOMContentLoaded", () => {
  document.getElementById("theme").addEventListener("click", () => {
    const next = root.dataset.theme === "dark" ? "light" : "dark";
    try { localStorage.setItem("theme", next); } catch { /* private window: it lasts for this page */ }
    set(next);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.target.closest("input, textarea, select")) return;
    const search = document.getElementById("top-q");
    if (!search) return;
    event.preventDefault();
    search.focus();
  });
});
