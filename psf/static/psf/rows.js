/*
 * Tables in which rows are filled in. Only the current row is in the order of Tab. The arrow keys
 * lead to the same cell of the next row. On the handle they move the row, a click moves it up, and
 * Delete removes it. Tab from the last cell adds a row. Typed names of records get suggestions.
 */
for (const body of document.querySelectorAll("tbody[data-rows]")) {
  const { rows: prefix, most } = body.dataset, table = body.parentElement;
  const total = document.getElementById(`id_${prefix}-TOTAL_FORMS`);
  const template = table.querySelector("template");
  const parts = "a, input:not([type=hidden]), select, textarea, button, summary";
  const all = (row) => [...row.querySelectorAll(parts)];
  const controls = (row) => all(row).filter((part) => part.checkVisibility());
  const field = (row, name) => row.querySelector(`[name$="-${name}"]`);
  const rows = () => [...body.querySelectorAll("tr:not([data-empty], :has([scope=rowgroup]))")];
  const rowOf = (target) => rows().find((row) => row.contains(target));
  const choose = () => {
    const current = rowOf(document.activeElement) ?? rows()[0];
    for (const row of rows()) {
      for (const part of all(row)) part.tabIndex = row === current ? 0 : -1;
    }
  };
  // The row itself stays where it is in the document, so it keeps the focus.
  const move = (row, step) => {
    const other = rows()[rows().indexOf(row) + step];
    if (other) row[step > 0 ? "before" : "after"](other);
    rows().forEach((each, index) => (field(each, "position").value = index + 1));
  };
  const addRow = () => {
    if (rows().length >= most) return false;
    const spare = () => body.querySelector("[data-empty]");
    if (!spare()) {
      const html = template.innerHTML.replaceAll("__prefix__", total.value++);
      body.insertAdjacentHTML("beforeend", html);
    }
    const row = spare(), position = field(row, "position");
    row.removeAttribute("data-empty");
    body.append(row);
    if (position) position.value = rows().length;
    controls(row).find((part) => part.type !== "button").focus();
    return true;
  };

  choose();
  // Rows also come from other groups of the table.
  new MutationObserver(choose).observe(body, { childList: true });
  body.addEventListener("focusin", choose);
  table.nextElementSibling?.addEventListener("click", addRow);
  body.addEventListener("click", ({ target }) => {
    if (target.matches(".psf-handle")) move(rowOf(target), -1);
  });
  body.addEventListener("keydown", (event) => {
    const { key, target } = event, row = rowOf(target), step = { ArrowUp: -1, ArrowDown: 1 }[key];
    const isSuggesting = target.list && target.value !== target.defaultValue;
    const isOwnKey = target.matches("select, textarea, [type=radio]") || isSuggesting;
    if (!row) return;
    if (target.matches(".psf-handle") && step) {
      event.preventDefault();
      move(row, step);
    } else if (target.matches(".psf-handle") && key === "Delete") {
      field(row, "DELETE")?.click();
    } else if (step && !isOwnKey) {
      event.preventDefault();
      const next = rows()[rows().indexOf(row) + step] ?? row;
      controls(next)[controls(row).indexOf(target)]?.focus();
    } else if (key === "Tab" && !event.shiftKey && template && row === rows().at(-1)) {
      const isLast = controls(row).at(-1) === target;
      const isFilled = controls(row).some((part) => part.matches("input, textarea") && part.value);
      if (isLast && isFilled && addRow()) event.preventDefault();
    }
  });
}

const suggestions = document.getElementById("suggestions");
document.addEventListener("input", async ({ target }) => {
  const { dataset: { suggest }, value } = target;
  if (!suggest) return;
  target.setAttribute("list", suggestions.id);
  const address = `${suggest}&term=${encodeURIComponent(value)}`;
  const answer = await fetch(address, { redirect: "manual" }).catch(() => ({}));
  if (answer.type === "opaqueredirect") {  // to the page that signs in
    delete target.dataset.suggest;
    return alert(document.getElementById("guard").dataset.ended);
  }
  const names = answer.ok ? (await answer.json()).results : [];
  // Somebody may have typed on since, or in another field.
  if (target.value !== value || target !== document.activeElement) return;
  suggestions.replaceChildren(...names.map(({ text }) => new Option("", text)));
});
