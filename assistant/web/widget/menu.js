/* The menu of the frame, the question before everything is deleted, and Escape.

   In: clicks and keys. Out: `newChat()`, `erase()`, `close()`. */

const toggle = document.getElementById("menu-button");
const menu = document.getElementById("menu");
const confirm = document.getElementById("confirm");

export function connectMenu({ newChat, erase, close }) {
  toggle.addEventListener("click", () => show(menu.hidden));
  document.getElementById("new-chat").addEventListener("click", () => { show(false); newChat(); });
  document.getElementById("erase").addEventListener("click", () => { show(false); confirm.showModal(); document.getElementById("confirm-no").focus(); });
  document.getElementById("confirm-no").addEventListener("click", () => confirm.close());
  document.getElementById("confirm-yes").addEventListener("click", () => { confirm.close(); erase(); });
  confirm.addEventListener("close", () => toggle.focus());
  document.addEventListener("pointerdown", (event) => {
    if (!menu.hidden && !menu.contains(event.target) && !toggle.contains(event.target)) show(false);
  });
  document.addEventListener("focusin", (event) => {
    if (!menu.hidden && !menu.contains(event.target) && event.target !== toggle) show(false);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing || confirm.open) return;
    if (menu.hidden) close();
    else {
      show(false);
      toggle.focus();
    }
  });
}

function show(isOpen) {
  menu.hidden = !isOpen;
  toggle.setAttribute("aria-expanded", String(isOpen));
  if (isOpen) menu.querySelector("button").focus();
}
