/* A chip takes its constraint away. */
element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-key]");
  if (button) trigger("click", { key: button.dataset.key, value: button.dataset.value });
});
