/* What a shopper thinks of a reply: a thumb, and where it points down a reason if they wish.

   In: the turn. Out: `onFeedback(turn, value, reason)`, which promises whether it was kept. */

import { button, icon, make } from "./html.js";
import { t } from "./settings.js";

const UP = "M7 11v9H4v-9z M7 11l4-8a2 2 0 0 1 2 2v4h5.5a2 2 0 0 1 2 2.4l-1.4 7a2 2 0 0 1-2 1.6H7";
const DOWN = "M17 13V4h3v9z M17 13l-4 8a2 2 0 0 1-2-2v-4H5.5a2 2 0 0 1-2-2.4l1.4-7a2 2 0 0 1 2-1.6H17";
const REASONS = ["frame_reason_products", "frame_reason_misread", "frame_reason_untrue"];

export function feedbackRow(turn, onFeedback) {
  const row = make("div", { class: "feedback" });
  const thumb = (value, label, path) => {
    const made = button({ class: "tool", "aria-label": t(label), title: t(label), "aria-pressed": "false" }, () => choose(row, made, turn, value, onFeedback), icon(path));
    return made;
  };
  row.append(thumb("up", "frame_up", UP), thumb("down", "frame_down", DOWN));
  return row;
}

function choose(row, chosen, turn, value, onFeedback) {
  for (const each of row.querySelectorAll(".tool")) each.setAttribute("aria-pressed", String(each === chosen));
  row.querySelector(".reasons, .thanks")?.remove();
  const kept = onFeedback(turn, value, null);
  if (value === "down") row.append(reasonForm(row, turn, onFeedback));
  else told(row, kept);
}

function reasonForm(row, turn, onFeedback) {
  const words = make("input", { type: "text", maxlength: "400", "aria-label": t("frame_reason_other"), placeholder: t("frame_reason_other") });
  const chips = REASONS.map((key) => {
    const chip = button({ class: "chip", text: t(key), "aria-pressed": "false" }, () => chip.setAttribute("aria-pressed", String(chip.ariaPressed !== "true")));
    return chip;
  });
  const form = make(
    "form", { class: "reasons", "aria-label": t("frame_reason_title") },
    make("p", { text: t("frame_reason_title") }), make("div", { class: "reason-chips" }, ...chips), words,
    make("button", { type: "submit", class: "plain", text: t("frame_reason_send") }),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const reason = [...chips.filter((chip) => chip.ariaPressed === "true").map((chip) => chip.textContent), words.value.trim()].filter(Boolean).join("; ");
    form.remove();
    told(row, reason ? onFeedback(turn, "down", reason) : Promise.resolve(true));
    row.querySelector(".tool[aria-pressed=true]").focus();
  });
  return form;
}

/** Thanks only for what the server has kept. */
async function told(row, kept) {
  const line = make("p", { class: "thanks", role: "status" });
  row.append(line);
  line.textContent = (await kept) ? t("frame_thanks") : t("frame_feedback_lost");
}
