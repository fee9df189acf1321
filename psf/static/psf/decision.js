/*
 * The draft of a decision: the numbers of the line move rows between the groups, by keys or by dragging the line with
 * the mouse. The sums, the places and the marks of what differs from the ranked list follow each change.
 * Without this script the page does the same after “Propose again” and “Save the draft”.
 */
"use strict";
{
  const table = document.getElementById("decision"), bar = document.querySelector(".psf-budget");
  const groups = Object.fromEntries([...table.querySelectorAll("[data-group]")].map((body) => [body.dataset.group, body]));
  const rows = (...names) => names.flatMap((name) => [...groups[name].querySelectorAll("[data-rank]")]);
  const shown = () => rows("funded", "reserve", "rejected");
  const field = (row, name) => row.querySelector(`[name$="-${name}"]`);
  const rank = (row) => Number(row.dataset.rank) || Infinity;
  const fields = { fund: document.getElementById("id_fund"), reserve: document.getElementById("id_reserve") };
  // As the server writes and reads amounts.
  const written = (amount) => amount.toLocaleString("en", Number.isInteger(amount) ? {} : { minimumFractionDigits: 2 }).replaceAll(",", "\u00a0");
  const read = (text) => Number(text.replace(/EUR|€|[\s'’]/gi, "").replace(/[.,](?=\d{3}(\D|$))/g, "").replace(",", ".")) || 0;
  const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
  const awards = (lines) => sum(lines.map((row) => read(field(row, "award_eur").value)));
  const before = Number(bar.dataset.before), budget = bar.dataset.budget && Number(bar.dataset.budget);
  const firstPlace = Number(table.dataset.firstPlace);

  const put = (row, name, next = null) => {
    field(row, "outcome").value = name;
    groups[name].insertBefore(row, next);
    const award = field(row, "award_eur");
    if (name === "funded") award.value ||= row.dataset.award;
  };

  const roving = ["th[scope=row] a", '[name$="-reason"]'];
  const visible = (name) => [...table.querySelectorAll(name)].filter((one) => one.checkVisibility());
  const rove = (name) => {
    const all = visible(name), stop = all.includes(document.activeElement) ? document.activeElement : all[0];
    for (const one of table.querySelectorAll(name)) one.tabIndex = one === stop ? 0 : -1;
  };

  // The same rule as `tags_of_differences()` of the server.
  const mark = () => {
    const all = shown().filter((row) => row.dataset.rank), ranked = all.toSorted((a, b) => rank(a) - rank(b));
    const slots = all.map((row, place) => (groups.reserve.contains(row) ? place : field(row, "outcome").value));
    for (const row of shown()) {
      const at = all.indexOf(row), differs = at >= 0 && slots[ranked.indexOf(row)] !== slots[at];
      const isBefore = at < ranked.indexOf(row), others = isBefore ? all.slice(at + 1) : all.slice(0, at);
      const words = table.dataset[isBefore ? "before" : "after"];
      row.classList.toggle("is-moved", differs);
      row.querySelector(".psf-tag").textContent = differs ? words.replace("{rank}", Math[isBefore ? "min" : "max"](...others.map(rank))) : "";
    }
  };

  const count = () => {
    rows("reserve").forEach((row, index) => (field(row, "reserve_place").value = firstPlace + index));
    mark();
    const funded = rows("funded"), spent = awards(funded);
    const left = budget - before - spent, scale = Math.max(budget, before + spent, 1);
    const values = {
      funded: funded.length, reserve: rows("reserve").length, rejected: rows("rejected").length,
      spent: written(spent), left: written(left), over: written(-left),
      requested: written(sum(rows("reserve").map((row) => Number(row.dataset.requested)))),
      leads: [...new Set(funded.map((row) => row.dataset.lead).filter(Boolean))].join(", ") || "–",
      moved: table.querySelectorAll(".is-moved").length,
    };
    for (const part of document.querySelectorAll("[data-show]")) part.textContent = values[part.dataset.show];
    for (const [name, x, width] of [["before", 0, before], ["funded", before, spent]]) {
      const box = bar.querySelector(`rect.psf-budget__${name}`);
      box?.setAttribute("x", (1000 * x) / scale);
      box?.setAttribute("width", (1000 * width) / scale);
    }
    for (const line of document.querySelectorAll("[data-country]")) {
      const code = line.dataset.country, led = funded.filter((row) => row.dataset.lead === code);
      const partners = funded.flatMap((row) => row.dataset.countries.split(" ")).filter((one) => one === code);
      const balance = { funded: led.length, award: written(awards(led)), partners: partners.length };
      for (const cell of line.querySelectorAll("[data-sum]")) cell.textContent = balance[cell.dataset.sum];
    }
    roving.forEach(rove);
    const isOver = budget !== "" && left < 0;
    bar.closest("form").classList.toggle("is-over", isOver);
    [fields.fund.value, fields.reserve.value] = [values.funded, values.reserve];
    const last = funded.at(-1), next = rows("reserve", "rejected")[0], cut = document.getElementById("cut");
    const words = last && next && last.dataset.rank === next.dataset.rank ? cut.dataset.equal : cut.dataset.next;
    const amount = Number(next?.dataset.requested);
    cut.textContent = amount && next.dataset.rank ? words.replace("{rank}", next.dataset.rank).replace("{amount}", written(amount)) : "";
    const sentence = budget === "" ? "" : bar.dataset[isOver ? "overWords" : "freeWords"];
    bar.querySelector("[role=status]").textContent = sentence.replace(/{(\w+)}/g, (_, name) => values[name]);
  };

  const move = (fund, reserve) => {
    shown().forEach((row, index) => put(row, index < fund ? "funded" : index < fund + reserve ? "reserve" : "rejected"));
    count();
  };

  for (const number of Object.values(fields)) {
    number.addEventListener("input", () => number.value && move(Number(fields.fund.value), Number(fields.reserve.value)));
    // Enter would propose again, and replace what somebody typed.
    number.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  }

  table.addEventListener("change", ({ target }) => {
    const row = target.closest("[data-rank]"), name = row && field(row, "outcome").value;
    if (target === (row && field(row, "outcome"))) {
      const next = name === "reserve" ? null : rows(name).find((other) => other !== row && rank(other) > rank(row));
      put(row, name, next ?? null);
      target.focus();
    } else if (target.name.endsWith("reserve_place")) {
      const others = rows("reserve").filter((other) => other !== row);
      groups.reserve.insertBefore(row, others[Number(target.value) - firstPlace] ?? null);
      target.focus();
    }
    count();
  });
  table.addEventListener("input", ({ target }) => target.name.endsWith("award_eur") && count());

  // All links are one Tab stop, and so are all reasons. The arrow keys lead from row to row.
  table.addEventListener("focusin", ({ target }) => roving.filter((name) => target.matches(name)).forEach(rove));
  table.addEventListener("keydown", (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key], name = roving.find((one) => event.target.matches(one));
    if (!step || !name) return;
    event.preventDefault();
    const all = visible(name);
    all[all.indexOf(event.target) + step]?.focus();
  });
  roving.forEach(rove);

  for (const line of table.querySelectorAll("[data-cut]")) {
    line.addEventListener("pointerdown", (down) => {
      if (down.pointerType !== "mouse" || down.target.closest("input, button, label")) return;
      down.preventDefault();
      line.setPointerCapture(down.pointerId);
      line.onpointermove = ({ clientY }) => {
        const middle = (row) => row.getBoundingClientRect().top + row.offsetHeight / 2;
        const above = shown().filter((row) => middle(row) < clientY).length, fund = Number(fields.fund.value);
        if (line.dataset.cut === "fund") move(above, Number(fields.reserve.value));
        else move(fund, Math.max(above - fund, 0));
      };
      line.onpointerup = line.onpointercancel = () => (line.onpointermove = null);
    });
  }
}
