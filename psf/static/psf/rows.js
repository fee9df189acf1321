/*
 * Tables in which rows are filled in. Only the current row is in the order of Tab. The arrow keys lead to the same cell
 * of the next row. On the handle they move the row, Delete removes it, and a mouse drags it. Tab from the last cell adds
 * a row. Without scripts three rows are empty, and two columns hold the position and a tick to remove the row.
 */
"use strict";
for (const table of document.querySelectorAll("table[data-rows]")) {
  const { rows: prefix, add, handle: handleLabel, most } = table.dataset;
  const body = table.tBodies[0], template = table.querySelector("template");
  const total = document.getElementById(`id_${prefix}-TOTAL_FORMS`);
  const controls = (row) => [...row.querySelectorAll("input:not([type=hidden]), select, textarea, button, summary")]
    .filter((control) => control.checkVisibility());
  const field = (row, name) => row.querySelector(`[name$="-${name}"]`);
  const isMovable = () => body.rows[0] && field(body.rows[0], "position");
  const number = () => [...body.rows].forEach((row, place) => {
    if (field(row, "position")) field(row, "position").value = place + 1;
  });
  const choose = (current) => {
    for (const row of body.rows) {
      for (const control of row.querySelectorAll("input, select, textarea, button, summary")) {
        control.tabIndex = row === current ? 0 : -1;
      }
    }
  };
  const move = (row, other, after) => {
    if (!other || row === other) return;
    other[after ? "after" : "before"](row);
    number();
  };
  const addHandle = (row) => {
    const cell = row.querySelector("[data-handle]");
    if (!cell || !isMovable()) return;
    const handle = document.createElement("button");
    Object.assign(handle, { type: "button", textContent: handleLabel, draggable: true });
    cell.prepend(handle);
    handle.addEventListener("dragstart", (event) => {
      body.dragged = row;
      event.dataTransfer.setDragImage(row, 0, 0);
    });
    handle.addEventListener("dragend", () => delete body.dragged);
  };
  const addRow = () => {
    if (body.rows.length >= most) return;
    const holder = document.createElement("tbody");
    holder.innerHTML = template.innerHTML.replaceAll("__prefix__", total.value);
    const row = body.appendChild(holder.rows[0]);
    total.value = Number(total.value) + 1;
    if (field(row, "position")) field(row, "position").value = body.rows.length;
    addHandle(row);
    controls(row).find((control) => control.type !== "button")?.focus();
  };
  if (template) {
    const empty = [...body.querySelectorAll("[data-empty]")];
    for (const row of empty.slice(table.hasAttribute("data-new") ? 2 : 0).reverse()) {
      row.remove();
      total.value -= 1;
    }
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "psf-button", textContent: add });
    button.addEventListener("click", addRow);
    table.after(button);
  }
  [...body.rows].forEach(addHandle);
  choose(body.rows[0]);
  table.addEventListener("focusin", (event) => {
    const row = event.target.closest("tbody tr");
    if (row) choose(row);
  });
  body.addEventListener("dragover", (event) => {
    const row = event.target.closest("tr");
    if (!body.dragged || !row) return;
    event.preventDefault();
    const { top, height } = row.getBoundingClientRect();
    move(body.dragged, row, event.clientY > top + height / 2);
  });
  body.addEventListener("keydown", (event) => {
    const { key, target } = event, row = target.closest("tr"), isHandle = target.draggable;
    const step = { ArrowUp: "previousElementSibling", ArrowDown: "nextElementSibling" }[key];
    const other = step && row[step];
    if (isHandle && step) {
      event.preventDefault();
      move(row, other, key === "ArrowDown");
      target.focus();
    } else if (isHandle && key === "Delete") {
      field(row, "DELETE")?.click();
    } else if (step && !target.matches("select, textarea") && (!target.list || target.value === target.defaultValue)) {
      event.preventDefault();
      controls(other ?? row)[controls(row).indexOf(target)]?.focus();
    } else if (key === "Tab" && !event.shiftKey && template && row === body.lastElementChild) {
      const isLast = controls(row).at(-1) === target;
      const isFilled = [...row.querySelectorAll("input:is([type=text], [type=url], [type=email]), textarea")]
        .some((part) => part.value && !part.name.endsWith("-position"));
      if (isLast && isFilled && body.rows.length < most) {
        event.preventDefault();
        addRow();
      }
    }
  });
}
