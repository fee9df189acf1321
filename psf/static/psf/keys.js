// Passkeys and security keys: a sentence says why the browser gives none, the last one for others.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const sentences = [...document.querySelectorAll("[data-key-error]")];
  const { name } = event.detail.exception;
  const reason = window.webauthnJSON.supported() ? name : "unsupported";
  const reply = sentences.find(({ dataset }) => dataset.keyError === reason) ?? sentences.at(-1);
  for (const sentence of sentences) sentence.classList.toggle("hidden", sentence !== reply);
});
