/* A suggestion says what is written on it. */
element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-say]");
  if (button) trigger("click", { say: button.dataset.say });
});
