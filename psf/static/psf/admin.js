/*
 * What Django's scripts and lists build for eyes alone gets its names here: the fields of select2 that of the
 * field they stand for, lists the title of the page, and heads of tables what they are heads of.
 */
"use strict";
{
  const selectOf = (field) => field.closest(".select2-container")?.previousElementSibling;
  const labelOf = (select) => select?.id && document.querySelector(`label[for="${select.id}"]`);
  const name = (field, text) => field.setAttribute("aria-label", text.trim().replace(/:$/, ""));

  const mend = () => {
    for (const field of document.querySelectorAll(".select2-search__field:not([aria-label])")) {
      const label = labelOf(selectOf(field));
      name(field, label ? label.textContent : gettext("Search"));
    }
    // Named by what is chosen alone, it has no name while nothing is.
    for (const field of document.querySelectorAll(".select2-selection[aria-labelledby]")) {
      const label = labelOf(selectOf(field)), names = field.getAttribute("aria-labelledby");
      if (!label || label.id) continue;
      label.id = `${label.htmlFor}_label`;
      field.setAttribute("aria-labelledby", `${label.id} ${names}`);
      field.querySelector("[role=textbox]").setAttribute("aria-labelledby", label.id);
    }
    for (const day of document.querySelectorAll(".calendar th:not([scope])")) day.scope = "col";
  };

  const nameList = () => {
    const list = document.getElementById("result_list"), title = document.querySelector("#content h1");
    if (!list) return;
    const caption = list.createCaption();
    caption.className = "visually-hidden";
    caption.textContent = title.textContent;
    for (const head of list.querySelectorAll("tbody th")) head.scope = "row";
    // Wider than the window it is scrolled, which keyboards must reach.
    const region = list.parentElement;
    region.tabIndex = 0;
    region.setAttribute("role", "region");
    region.setAttribute("aria-label", title.textContent);
  };

  document.addEventListener("DOMContentLoaded", () => {
    nameList();
    new MutationObserver(mend).observe(document.body, { childList: true, subtree: true });
    mend();
  });
}
