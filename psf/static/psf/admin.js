/*
 * The guard of what somebody types: a form is sent once, and only while its session lasts. Before
 * the end of the session and the loss of typed text comes a question. The parts of select2 get a
 * name. Browsers that permit it remember hidden columns, open sections and the use of the key "/".
 */
const { dataset } = document.getElementById("guard");
const { account, askAfter, stay, endAfter, warning, sessionUrl, ended, offline, unsaved } = dataset;
let sentAt = -Infinity, isAnswered = false;
// For the time that a browser may need to leave the page.
const isSent = () => performance.now() - sentAt < 2000;

// A change of roles, another window or the time may have ended the session.
const prolong = async () => {
  const { ok, headers } = await fetch(sessionUrl, { method: "HEAD" }).catch(() => ({}));
  if (!ok) return alert(offline);
  if (headers.get("X-Account") !== account) return alert(ended);
  // Signing in again in another window makes the token of this page invalid.
  const token = headers.get("X-CSRFToken");
  document.getElementsByName("csrfmiddlewaretoken").forEach((field) => (field.value = token));
  return true;
};

document.addEventListener("submit", async (event) => {
  const { target, submitter } = event;
  if (isSent()) event.preventDefault();
  else if (!account || isAnswered) sentAt = performance.now();
  else if (target.method === "post" && target.closest("#content")) {
    event.preventDefault();
    isAnswered = await prolong();
    if (isAnswered) target.requestSubmit(submitter);
    isAnswered = false;
  }
});

// Only the browser itself can ask before it leaves a page, in its own words.
if (account) addEventListener("load", () => {
  const ask = (words, after) => setTimeout(() => confirm(words) && prolong(), after * 1000);
  if (stay) ask(stay, askAfter);
  ask(warning, endAfter);
  const guarded = "#content form[method=post]:not(#changelist-form, #letters, .psf-action)";
  const forms = [...document.querySelectorAll(guarded)];
  const words = ([name, value]) => name === "csrfmiddlewaretoken" || [name, value.name ?? value];
  const typed = () => JSON.stringify(forms.map((form) => [...new FormData(form)].map(words)));
  const opened = unsaved ?? typed();
  const question = (event) => isSent() || typed() === opened || event.preventDefault();
  addEventListener("beforeunload", question);
  const discard = document.querySelector("a.closelink");
  discard?.addEventListener("click", () => (sentAt = performance.now()));
});

// select2 names a field by its value, so an empty field has no name.
const nameParts = () => {
  const parts = ".select2-search__field, .select2-selection--single, [role=textbox]";
  for (const part of document.querySelectorAll(parts)) {
    const [label] = part.closest(".select2-container").previousElementSibling?.labels ?? [];
    part.removeAttribute("aria-labelledby");
    part.ariaLabel = label?.textContent.trim() ?? gettext("Search");
  }
};
new MutationObserver(nameParts).observe(document.body, { childList: true, subtree: true });

const choice = document.getElementById("search-key");
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, textarea, select");
  if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || !choice?.checked) return;
  event.preventDefault();
  document.querySelector(".psf-search input").focus();
});

let kept = {};
try { kept = localStorage; } catch {}
for (const part of document.querySelectorAll("[data-remembered]")) {
  const { remembered: key, column } = part.dataset;
  const [state, change] = part.matches("details") ? ["open", "toggle"] : ["checked", "change"];
  const cells = document.querySelectorAll(`.column-${column}, .field-${column}`);
  const show = () => {
    kept[key] = part[state];
    for (const cell of cells) cell.hidden = !part[state];
  };
  part[state] = (kept[key] ?? `${part[state]}`) === "true";
  part.addEventListener(change, show);
  show();
}
