/*
 * The guard of what somebody types: a form is not sent without a network, nor by a second click. A question precedes the
 * end of the session, and the loss of typed text. The fields of select2 get the label of the field that they replace,
 * and lists the title of the page.
 */
"use strict";
{
  const { account, idleSeconds, sessionSeconds, sessionUrl, stay, save, ended, offline, unsaved } =
    document.currentScript.dataset;
  const moment = 2000, minute = 60_000, warning = 10 * minute;
  const inSeconds = (seconds) => Date.now() + seconds * 1000, sessionEnd = inSeconds(sessionSeconds);
  let idleEnd = inSeconds(idleSeconds), sentAt = -moment, isAnswered = false;
  const isSent = () => performance.now() - sentAt < moment;

  const prolong = async () => {
    const answer = await fetch(sessionUrl, { method: "HEAD" }).catch(() => ({}));
    if (answer.redirected || answer.ok && answer.headers.get("X-Account") !== account) alert(ended);
    else if (!answer.ok) alert(offline);
    else {
      idleEnd = inSeconds(idleSeconds);
      // Signing in again in another window makes the token of this page invalid.
      for (const field of document.getElementsByName("csrfmiddlewaretoken")) {
        field.value = answer.headers.get("X-CSRFToken");
      }
      return true;
    }
  };

  document.addEventListener("submit", async (event) => {
    const { target, submitter } = event;
    if (!navigator.onLine) {
      // The browser would show a page of its own instead of the form, and the typed text would be lost.
      event.preventDefault();
      alert(offline);
    } else if (isSent()) event.preventDefault();
    else if (!sessionSeconds || isAnswered || target.method !== "post" || !target.closest("#content")) {
      sentAt = performance.now();
    } else {
      // A change of roles or another window may have ended the session.
      event.preventDefault();
      isAnswered = await prolong();
      if (isAnswered) target.requestSubmit(submitter);
      isAnswered = false;
    }
  });

  const timer = sessionSeconds && setInterval(() => {
    if (Math.min(idleEnd, sessionEnd) - Date.now() > warning) return;
    if (sessionEnd > idleEnd && confirm(stay)) return prolong();
    clearInterval(timer);
    if (sessionEnd <= idleEnd) alert(save);
  }, minute);

  // Only the browser itself can ask before it leaves a page. It asks in its own words.
  addEventListener("load", () => {
    const forms = [...document.querySelectorAll("#content form[method=post]:not(#changelist-form, #letters)")];
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
  });

  const labelParts = () => {
    const selectOf = (part) => part.closest(".select2-container")?.previousElementSibling;
    const labelOf = (part) => document.querySelector(`label[for="${selectOf(part)?.id}"]`);
    for (const field of document.querySelectorAll(".select2-search__field:not([aria-label])")) {
      const label = labelOf(field);
      field.setAttribute("aria-label", label ? label.textContent.trim().replace(/:$/, "") : gettext("Search"));
    }
    // select2 names the field by its value, so an empty field has no name.
    for (const field of document.querySelectorAll(".select2-selection[aria-labelledby]")) {
      const label = labelOf(field), names = field.getAttribute("aria-labelledby");
      if (!label || label.id) continue;
      label.id = `${label.htmlFor}_label`;
      field.setAttribute("aria-labelledby", `${label.id} ${names}`);
      field.querySelector("[role=textbox]").setAttribute("aria-labelledby", label.id);
    }
  };
  document.addEventListener("DOMContentLoaded", () => {
    const list = document.getElementById("result_list"), title = document.querySelector("#content h1")?.textContent;
    if (list) {
      Object.assign(list.createCaption(), { className: "visually-hidden", textContent: title });
      // A wide list scrolls, so keyboards must reach it.
      Object.assign(list.parentElement, { tabIndex: 0, role: "region", ariaLabel: title });
    }
    new MutationObserver(labelParts).observe(document.body, { childList: true, subtree: true });
    labelParts();
  });
}
