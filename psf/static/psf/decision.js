/*
 * The draft of a decision: the numbers of the line move rows between the groups, by keys or by dragging the line with
 * the mouse. After each change the server counts what the form says, saves nothing, and its sums and marks are shown.
 * Without this script the page does the same after “Propose again” and “Save the draft”.
 */
"use strict";
{
  const table = document.getElementById("decision"), form = table.closest("form");
  const groups = Object.fromEntries([...table.querySelectorAll("[data-group]")].map((body) => [body.dataset.group, body]));
  const rows = (...names) => names.flatMap((name) => [...groups[name].querySelectorAll("[data-rank]")]);
  const shown = () => rows("funded", "reserve", "rejected");
  const field = (row, name) => row.querySelector(`[name$="-${name}"]`);
  const rank = (row) => Number(row.dataset.rank) || Infinity;
  const [fund, reserve] = ["fund", "reserve"].map((name) => document.getElementById(`id_${name}`));
  const firstPlace = Number(table.dataset.firstPlace);
  let asked;

  const show = async (signal) => {
    const body = new FormData(form);
    body.set("count", "");
    const sent = fetch(location.pathname, { method: "POST", body, signal, redirect: "error" });
    const page = await sent.then((answer) => (answer.ok ? answer.text() : "")).catch(() => "");
    if (page) delete form.dataset.stale;
    for (const part of new DOMParser().parseFromString(page, "text/html").querySelectorAll("[data-counted]")) {
      const old = document.getElementById(part.id);
      if (old && old.innerHTML !== part.innerHTML) old.innerHTML = part.innerHTML;
    }
  };

  const count = () => {
    rows("reserve").forEach((row, index) => (field(row, "reserve_place").value = firstPlace + index));
    [fund.value, reserve.value] = [rows("funded").length, rows("reserve").length];
    form.dataset.stale = "";
    asked?.abort();
    asked = new AbortController();
    const { signal } = asked;
    setTimeout(() => signal.aborted || show(signal), 100);
  };

  const put = (row, name, next = null) => {
    field(row, "outcome").value = name;
    groups[name].insertBefore(row, next);
    const award = field(row, "award_eur");
    if (name === "funded") award.value ||= row.dataset.award;
  };

  const move = (funded, reserved) => {
    shown().forEach((row, index) => put(row, index < funded ? "funded" : index < funded + reserved ? "reserve" : "rejected"));
    count();
  };

  for (const number of [fund, reserve]) {
    number.addEventListener("input", () => number.value && move(Number(fund.value), Number(reserve.value)));
    // Enter would propose again, and replace what somebody typed.
    number.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  }

  table.addEventListener("change", ({ target }) => {
    const row = target.closest("[data-rank]"), name = row && field(row, "outcome").value;
    if (row && target === field(row, "outcome")) {
      put(row, name, name === "reserve" ? null : rows(name).find((other) => other !== row && rank(other) > rank(row)));
      target.focus();
    } else if (target.name.endsWith("-reserve_place")) {
      const others = rows("reserve").filter((other) => other !== row);
      groups.reserve.insertBefore(row, others[Number(target.value) - firstPlace] ?? null);
      target.focus();
    }
    count();
  });
  table.addEventListener("input", ({ target }) => target.name.endsWith("-award_eur") && count());

  for (const line of table.querySelectorAll("[data-cut]")) {
    onDrag(line, (passed) => {
      const above = passed(shown()).length, funded = Number(fund.value);
      if (line.dataset.cut === "fund") move(above, Number(reserve.value));
      else move(funded, Math.max(above - funded, 0));
    });
  }
}
