// An open menu closes by Escape, by a click elsewhere, and once something in it was chosen.

function closeMenus(event) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    const byKey = event.key === "Escape";
    if (!byKey && (event.type !== "click" || (menu.contains(event.target) && !event.target.closest("a")))) continue;
    if (byKey && menu.contains(document.activeElement)) menu.querySelector("summary").focus();
    menu.open = false;
  }
}
document.addEventListener("click", closeMenus);
document.addEventListener("keydown", closeMenus);
