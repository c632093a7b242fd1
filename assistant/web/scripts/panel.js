/* A chip takes its constraint away; the rest changes what is known of the shopper, or for whom the wish is. */
const changes = ["known", "flip", "personalise", "own"];
const root = document.getElementById("panel");
const show = (name, on) => {
  const part = element.querySelector(name);
  if (part) part.hidden = !on;
};
element.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const { dataset } = button;
  if (dataset.key !== undefined) trigger("click", { key: dataset.key, value: dataset.value });
  const change = changes.find((name) => dataset[name] !== undefined);
  if (change) trigger("click", { [change]: dataset[change] || "yes" });
  if (dataset.edit !== undefined) trigger("click", { edit: dataset.edit, value: button.parentElement.querySelector("input").value });
  if (dataset.gift !== undefined) give(button.parentElement.querySelector("input"));
  if (dataset.more !== undefined) expand(!root.classList.contains("about-open"));
  if (dataset.erase !== undefined || dataset.keep !== undefined) show(".confirm", dataset.erase !== undefined);
  if (dataset.erase !== undefined) element.querySelector("[data-keep]").focus();
  if (dataset.eraseNow !== undefined) {
    await fetch("session", { method: "DELETE" });
    trigger("click", { anew: "yes" });
  }
});
const give = (input) => {
  if (input.value.trim()) trigger("click", { gift: input.value.trim() });
  else input.focus();
};
/* On a phone what is known is folded away; whether it is open outlives the panel's next drawing. */
const expand = (open) => {
  root.classList.toggle("about-open", open);
  element.querySelector("[data-more]")?.setAttribute("aria-expanded", String(open));
};
element.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches("input") || event.isComposing) return;
  event.preventDefault();
  event.target.closest(".gift, .fact-tools").querySelector("[data-gift], [data-edit]").click();
});
watch("value", () => expand(root.classList.contains("about-open")));
