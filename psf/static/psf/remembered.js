/*
 * What this browser remembers: whether the key "/" leads to the search, hidden columns of a list, open sections of a form.
 */
"use strict";
{
  const remember = (tick, key, show) => {
    const update = () => show(tick.checked);
    tick.checked = localStorage.getItem(key) === null;
    tick.addEventListener("change", () => {
      localStorage[tick.checked ? "removeItem" : "setItem"](key, "");
      update();
    });
    update();
  };

  const field = document.querySelector(".psf-search input"), choice = document.getElementById("search-key");
  if (field) remember(choice, "search-key-off", (isOn) => (field.nextElementSibling.hidden = !isOn));
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || isTyping || !choice?.checked || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    field.focus();
  });

  for (const tick of document.querySelectorAll("[data-column]")) {
    const { column } = tick.dataset, cells = document.querySelectorAll(`.column-${column}, .field-${column}`);
    remember(tick, `psf.hidden ${location.pathname} ${column}`, (isShown) => cells.forEach((cell) => (cell.hidden = !isShown)));
  }

  for (const part of document.querySelectorAll("details[data-section]")) {
    const key = `psf.${part.dataset.section}`;
    part.open ||= localStorage.getItem(key) === "open";
    part.firstElementChild.addEventListener("click", () => localStorage.setItem(key, part.open ? "folded" : "open"));
  }
  // A link to a section opens it.
  const openTarget = () => document.getElementById(location.hash.slice(1))?.closest("details")?.setAttribute("open", "");
  addEventListener("hashchange", openTarget);
  openTarget();
}
