/*
 * The draft of a decision: the numbers of the line move rows between the groups, and so does the
 * mouse that drags it. After each change the server counts what the form says, saves nothing, and
 * its sums and marks are shown. Without scripts the page does the same after “Propose again” and
 * “Save the draft”. The number of a reserve list stays if it runs out of rows.
 */
const table = document.getElementById("decision"), form = table.closest("form");
const rows = (name) => [...table.querySelectorAll(`[data-group="${name}"] [data-rank]`)];
const field = (row, name) => row.querySelector(`[name$="-${name}"]`);
const { fund, reserve } = document.getElementById("propose").elements;
const firstPlace = Number(table.dataset.firstPlace);
let latest = 0;

const count = async () => {
  const reserved = rows("reserve"), asked = ++latest;
  fund.value = rows("funded").length;
  if (rows("rejected").length) reserve.value = reserved.length;
  reserved.forEach((row, index) => (field(row, "reserve_place").value = firstPlace + index));
  form.dataset.stale = "";
  await new Promise((resolve) => setTimeout(resolve, 100));
  if (asked !== latest) return;
  const body = new FormData(form);
  body.set("count", "");
  const sent = fetch(location.pathname, { method: "POST", body, redirect: "error" });
  const page = await sent.then((answer) => (answer.ok ? answer.text() : "")).catch(() => "");
  if (!page || asked !== latest) return;
  delete form.dataset.stale;
  const counted = new DOMParser().parseFromString(page, "text/html");
  for (const part of counted.querySelectorAll("[data-counted]")) {
    const old = document.getElementById(part.id);
    if (old && old.innerHTML !== part.innerHTML) old.innerHTML = part.innerHTML;
  }
};

const put = (row, name, next) => {
  field(row, "outcome").value = name;
  table.querySelector(`[data-group="${name}"]`).insertBefore(row, next);
  if (name === "funded") field(row, "award_eur").value ||= row.dataset.award;
};

for (const number of [fund, reserve]) {
  number.addEventListener("input", () => {
    if (!number.value) return;
    const ends = { funded: +fund.value, reserve: +fund.value + +reserve.value, rejected: Infinity };
    const names = Object.keys(ends);
    names.flatMap(rows).forEach((row, index) => put(row, names.find((name) => index < ends[name])));
    count();
  });
  // Enter would propose again, and replace what somebody typed.
  number.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  const line = number.closest("tr");
  line.addEventListener("pointerdown", ({ target, pointerId }) => {
    if (!target.closest("input, label, button")) line.setPointerCapture(pointerId);
  });
  line.addEventListener("pointermove", ({ clientY, pointerId }) => {
    if (!line.hasPointerCapture(pointerId)) return;
    const all = [...table.querySelectorAll("[data-group]:not([data-group='']) [data-rank]")];
    const above = all.filter((row) => row.getBoundingClientRect().top < clientY).length;
    number.value = number === fund ? above : Math.max(above - fund.value, 0);
    number.dispatchEvent(new Event("input"));
  });
}

table.addEventListener("input", ({ target }) => target.name.endsWith("-award_eur") && count());
table.addEventListener("change", ({ target }) => {
  if (target.matches("[name$=-outcome], [name$=-reserve_place]")) {
    const row = target.closest("[data-rank]"), name = field(row, "outcome").value;
    const others = rows(name).filter((other) => other !== row);
    const next = others.find((other) => +other.dataset.rank > +row.dataset.rank);
    put(row, name, target.matches("select") ? next : others[target.value - firstPlace]);
    target.focus();
  }
  count();
});
