/*
 * Passkeys and security keys: a sentence says why the browser gives none. The last sentence is for other reasons.
 */
"use strict";
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const sentences = [...document.querySelectorAll("[data-key-error]")];
  const reason = window.webauthnJSON.supported() ? event.detail.exception.name : "unsupported";
  const reply = sentences.find((sentence) => sentence.dataset.keyError === reason) ?? sentences.at(-1);
  for (const sentence of sentences) sentence.classList.toggle("hidden", sentence !== reply);
});
