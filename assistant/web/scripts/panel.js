/* A chip takes its constraint, or what is known of the shopper, away; the switch turns personalisation on or off. */
element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const { key, value, known, personalise } = button.dataset;
  if (key !== undefined) trigger("click", { key, value });
  else if (known !== undefined) trigger("click", { known });
  else if (personalise !== undefined) trigger("click", { personalise });
});
