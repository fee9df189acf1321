/* The fields that select2 builds have no name of their own: give them that of the field they stand for. */
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
  };

  document.addEventListener("DOMContentLoaded", () => {
    new MutationObserver(mend).observe(document.body, { childList: true, subtree: true });
    mend();
  });
}
