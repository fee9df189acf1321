/*
 * The key "/" leads to the search of the header. The account menu can switch it off in this browser.
 */
"use strict";
{
  const field = document.querySelector(".psf-search input"), off = "search-key-off";
  const isOff = () => localStorage.getItem(off) !== null;
  const choice = document.getElementById("search-key"), hint = field.nextElementSibling;
  const show = () => (hint.hidden = !(choice.checked = !isOff()));
  choice.closest("li").hidden = false;
  choice.addEventListener("change", () => {
    localStorage[choice.checked ? "removeItem" : "setItem"](off, "");
    show();
  });
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || isTyping || isOff() || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    field.focus();
  });
  show();
}
