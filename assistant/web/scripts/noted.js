/* Acts that page.js hands on; the bar of products chosen to compare, whose buttons it listens to. */
addEventListener("assistant:act", (event) => trigger("click", event.detail));
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-compare]");
  if (button) dispatchEvent(new CustomEvent("assistant:compare", { detail: button.dataset.compare }));
});
watch("value", () => dispatchEvent(new CustomEvent("assistant:compare", { detail: "draw" })));
