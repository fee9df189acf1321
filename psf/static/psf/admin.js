/* The fields that select2 builds have no name of their own: give them that of the field they stand for. */
"use strict";
{
  const labelOf = (select) => document.querySelector(`label[for="${select.id}"]`);
  const name = (field, text) => field.setAttribute("aria-label", text.trim().replace(/:$/, ""));

  const mend = () => {
    for (const field of document.querySelectorAll(".select2-search__field:not([aria-label])")) {
      const container = field.closest(".select2-container");
      const select = container && container.previousElementSibling;
      const label = select && select.id && labelOf(select);
      name(field, label ? label.textContent : gettext("Search"));
    }
  };

  document.addEventListener("DOMContentLoaded", () => {
    new MutationObserver(mend).observe(document.body, { childList: true, subtree: true });
    mend();
  });
}
