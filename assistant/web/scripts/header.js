/* Language and "new chat": both are cookies; the page is then drawn anew from the session. */
const announce = () => {
  const header = element.querySelector("[data-language]");
  if (!header) return;
  document.documentElement.lang = header.dataset.language;
  document.title = header.dataset.title;
  dispatchEvent(new Event("assistant:labels"));
};
element.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-action]");
  if (!button) return;
  if (button.dataset.action === "language") {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `assistant_language=${button.dataset.value}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  } else {
    await fetch("session?keep=profile", { method: "DELETE" });
  }
  trigger("click", {});
});
watch("value", announce);
announce();
