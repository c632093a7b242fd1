/* A suggestion says what is written on it; so does a button of the chat, which page.js hands on. */
element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-say]");
  if (button) trigger("click", { say: button.dataset.say });
});
addEventListener("assistant:say", (event) => trigger("click", event.detail));
