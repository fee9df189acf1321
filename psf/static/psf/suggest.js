/*
 * Suggestions below a field in which a name is typed. The names come from the search of the site.
 */
"use strict";
{
  const list = document.createElement("datalist");
  list.id = "psf-suggestions";
  document.body.append(list);
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
