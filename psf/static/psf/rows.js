/*
 * Tables in which rows are filled in. Only the current row is in the order of Tab. The arrow keys lead to the same cell
 * of the next row. On the handle they move the row, Delete removes it, and a mouse drags it. Tab from the last cell adds
 * a row. Without scripts three rows are empty, and two columns hold the position and a tick to remove the row.
 * Below a field in which a name is typed stand suggestions from the search of the site.
 */
"use strict";
// Moves something by its handle, and tells which of the rows the pointer has passed.
const onDrag = (handle, move) => {
  const middle = (row) => row.getBoundingClientRect().top + row.offsetHeight / 2;
  handle.addEventListener("pointerdown", ({ target, pointerId }) => {
    if (target === handle || !target.closest("input, button, label")) handle.setPointerCapture(pointerId);
  });
  handle.addEventListener("pointermove", ({ clientY, pointerId }) => {
    if (handle.hasPointerCapture(pointerId)) move((rows) => rows.filter((row) => middle(row) < clientY));
  });
};

for (const body of document.querySelectorAll("tbody[data-rows]")) {
  const table = body.parentElement, template = table.querySelector("template");
  const { rows: prefix, add, handle: handleLabel, most } = body.dataset;
  const total = document.getElementById(`id_${prefix}-TOTAL_FORMS`);
  const parts = "a, input:not([type=hidden]), select, textarea, button, summary";
  const controls = (row) => [...row.querySelectorAll(parts)].filter((control) => control.checkVisibility());
  const field = (row, name) => row.querySelector(`[name$="-${name}"]`);
  const rows = () => [...body.rows].filter((row) => !row.matches("[data-empty], :has([scope=rowgroup])"));
  const choose = (current = rows()[0]) => {
    for (const row of rows()) {
      for (const control of row.querySelectorAll(parts)) control.tabIndex = row === current ? 0 : -1;
    }
  };
  // The row itself stays where it is in the document, so it keeps the focus and the pointer.
  const place = (row, before, after) => {
    row.before(...before);
    row.after(...after);
    rows().forEach((each, index) => (field(each, "position").value = index + 1));
  };
  const addHandle = (row) => {
    const cell = row.querySelector("[data-handle]");
    if (!cell || !field(row, "position")) return;
    const handle = document.createElement("button");
    Object.assign(handle, { type: "button", className: "psf-handle", textContent: handleLabel });
    cell.prepend(handle);
    onDrag(handle, (passed) => {
      const others = rows().filter((other) => other !== row), before = passed(others);
      place(row, before, others.slice(before.length));
    });
  };
  const addRow = () => {
    if (rows().length >= most) return;
    let row = body.querySelector("[data-empty]");
    if (!row) {
      const holder = document.createElement("tbody");
      holder.innerHTML = template.innerHTML.replaceAll("__prefix__", total.value);
      row = holder.rows[0];
      total.value = Number(total.value) + 1;
    }
    row.removeAttribute("data-empty");
    body.append(row);
    if (field(row, "position")) field(row, "position").value = rows().length;
    addHandle(row);
    controls(row).find((control) => control.type !== "button")?.focus();
  };
  if (template) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "psf-button", textContent: add });
    button.addEventListener("click", addRow);
    table.after(button);
  }
  rows().forEach(addHandle);
  choose();
  const rowOf = (target) => rows().find((row) => row.contains(target));
  // Rows also come from other groups of the table.
  new MutationObserver(() => choose(rowOf(document.activeElement))).observe(body, { childList: true });
  body.addEventListener("focusin", ({ target }) => choose(rowOf(target)));
  body.addEventListener("keydown", (event) => {
    const { key, target } = event, row = rowOf(target), isHandle = target.matches(".psf-handle");
    const step = { ArrowUp: -1, ArrowDown: 1 }[key], other = step && rows()[rows().indexOf(row) + step];
    if (!row) return;
    if (isHandle && step) {
      event.preventDefault();
      if (other) place(row, step > 0 ? [other] : [], step < 0 ? [other] : []);
    } else if (isHandle && key === "Delete") {
      field(row, "DELETE")?.click();
    } else if (step && !target.matches("select, textarea, [type=radio]") && (!target.list || target.value === target.defaultValue)) {
      event.preventDefault();
      controls(other ?? row)[controls(row).indexOf(target)]?.focus();
    } else if (key === "Tab" && !event.shiftKey && template && row === rows().at(-1)) {
      const isLast = controls(row).at(-1) === target;
      const isFilled = [...row.querySelectorAll("input:is([type=text], [type=url], [type=email]), textarea")]
        .some((part) => part.value && !part.name.endsWith("-position"));
      if (isLast && isFilled && rows().length < most) {
        event.preventDefault();
        addRow();
      }
    }
  });
}

{
  const list = document.body.appendChild(document.createElement("datalist"));
  list.id = "psf-suggestions";
  let asked;
  document.addEventListener("input", async ({ target }) => {
    if (!target.dataset.suggest) return;
    asked?.abort();
    asked = new AbortController();
    target.setAttribute("list", list.id);
    const url = `${target.dataset.suggest}&term=${encodeURIComponent(target.value)}`;
    const answer = await fetch(url, { signal: asked.signal }).catch(() => ({}));
    if (!answer.ok) return;
    const { results } = await answer.json();
    list.replaceChildren(...results.map(({ text }) => new Option("", text)));
  });
}
