/*
 * Accessible names for parts of Django's admin: select2 fields get the label of their field, lists the title of
 * the page, and table headings their scope. Columns of a list can be hidden in this browser. Forms are not sent without a network, nor by a second click. A question
 * precedes the end of the session, and the loss of typed text.
 */
"use strict";
{
  const selectOf = (field) => field.closest(".select2-container")?.previousElementSibling;
  const labelOf = (select) => select?.id && document.querySelector(`label[for="${select.id}"]`);
  const name = (field, text) => field.setAttribute("aria-label", text.trim().replace(/:$/, ""));

  const labelParts = () => {
    for (const field of document.querySelectorAll(".select2-search__field:not([aria-label])")) {
      const label = labelOf(selectOf(field));
      name(field, label ? label.textContent : gettext("Search"));
    }
    // select2 names the field by its value, so an empty field has no name.
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
    // A wide list scrolls, so keyboards must reach it.
    const region = list.parentElement;
    region.tabIndex = 0;
    region.setAttribute("role", "region");
    region.setAttribute("aria-label", title.textContent);
    chooseColumns(list);
  };

  // The first column stays: it has the links.
  const chooseColumns = (list) => {
    const tools = document.querySelector("[data-columns]"), key = `psf.columns ${location.pathname}`;
    const hidden = new Set(JSON.parse(localStorage.getItem(key)));
    const choice = document.createElement("details"), summary = document.createElement("summary");
    summary.textContent = tools?.dataset.columns;
    choice.append(summary);
    const heads = [...list.tHead.rows[0].cells];
    for (const head of heads.filter((cell) => !cell.matches(".action-checkbox-column")).slice(1)) {
      const label = document.createElement("label"), tick = document.createElement("input");
      const text = head.querySelector(".text").textContent.trim();
      const show = () => [...list.rows].forEach((row) => (row.cells[heads.indexOf(head)].hidden = !tick.checked));
      Object.assign(tick, { type: "checkbox", checked: !hidden.has(text) });
      show();
      tick.addEventListener("change", () => {
        hidden[tick.checked ? "delete" : "add"](text);
        localStorage.setItem(key, JSON.stringify([...hidden]));
        show();
      });
      label.append(tick, text);
      choice.append(label);
    }
    tools?.prepend(choice);
  };

  // Without a warning, the end of a session takes what somebody has typed.
  const watchSession = ({ account, idleSeconds, sessionSeconds, sessionUrl, stay, save, ended, offline }) => {
    const minute = 60_000, warning = 10 * minute;
    const sessionEnd = Date.now() + sessionSeconds * 1000;
    let idleEnd = Date.now() + idleSeconds * 1000;
    const prolong = async () => {
      const answer = await fetch(sessionUrl, { method: "HEAD" }).catch(() => ({}));
      if (answer.redirected || answer.ok && answer.headers.get("X-Account") !== account) alert(ended);
      else if (!answer.ok) alert(offline);
      else {
        idleEnd = Date.now() + idleSeconds * 1000;
        // Signing in again in another window makes the token of this page invalid.
        for (const field of document.getElementsByName("csrfmiddlewaretoken")) {
          field.value = answer.headers.get("X-CSRFToken");
        }
        return true;
      }
    };
    // A change of roles or another window may have ended the session, also within the last minute.
    let isAnswered = false;
    document.addEventListener("submit", async (event) => {
      const { target, submitter } = event;
      if (isAnswered || target.method !== "post" || !target.closest("#content") || !navigator.onLine) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      isAnswered = await prolong();
      if (isAnswered) target.requestSubmit(submitter);
      isAnswered = false;
    });
    const timer = setInterval(() => {
      if (Math.min(idleEnd, sessionEnd) - Date.now() > warning) return;
      if (sessionEnd > idleEnd && confirm(stay)) return prolong();
      clearInterval(timer);
      if (sessionEnd <= idleEnd) alert(save);
    }, minute);
  };

  const { offline, sessionSeconds, unsaved } = document.currentScript.dataset;
  if (sessionSeconds) watchSession(document.currentScript.dataset);

  const moment = 2000;
  let sentAt = -moment;
  const isSent = () => performance.now() - sentAt < moment;
  document.addEventListener("submit", (event) => {
    if (!navigator.onLine) {
      // The browser would show a page of its own instead of the form, and the typed text would be lost.
      event.preventDefault();
      alert(offline);
    } else if (isSent()) event.preventDefault();
    else sentAt = performance.now();
  });

  // Only the browser itself can ask before it leaves a page. It asks in its own words.
  const watchForms = () => {
    const forms = [...document.querySelectorAll("#content form[method=post]:not(#changelist-form)")];
    // The scripts of keys send their forms without an event.
    if (!sessionSeconds || document.querySelector("[data-key-error]")) return;
    const typed = () => forms.map((form) => {
      const data = new FormData(form);
      data.delete("csrfmiddlewaretoken");
      return new URLSearchParams(data);
    }).join();
    const opened = unsaved ?? typed();
    addEventListener("beforeunload", (event) => {
      if (!isSent() && typed() !== opened) event.preventDefault();
    });
    for (const link of document.querySelectorAll("a.closelink")) {
      link.addEventListener("click", () => (sentAt = performance.now()));
    }
  };
  addEventListener("load", watchForms);

  document.addEventListener("DOMContentLoaded", () => {
    nameList();
    new MutationObserver(labelParts).observe(document.body, { childList: true, subtree: true });
    labelParts();
  });
}
