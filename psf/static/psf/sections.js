/*
 * Folded sections of a form stay open or folded in this browser. A link to a section opens it.
 */
"use strict";
for (const part of document.querySelectorAll("details[data-section]")) {
  const key = `psf.${part.dataset.section}`;
  part.open ||= localStorage.getItem(key) === "open";
  part.firstElementChild.addEventListener("click", () => localStorage.setItem(key, part.open ? "folded" : "open"));
}
const openTarget = () => document.getElementById(location.hash.slice(1))?.closest("details")?.setAttribute("open", "");
addEventListener("hashchange", openTarget);
openTarget();
