(() => {
  let seen = 0;
  let followed = null;

  /* A new message of the shopper moves to the top of the chat as soon as the growing reply leaves room for it, so that the
     reply is read from its beginning. Whoever scrolls by hand is left alone. */
  const follow = () => {
    const said = document.querySelectorAll("#chat .said");
    if (said.length > seen) followed = said.length - 1;
    seen = said.length;
    const log = document.querySelector("#chat [role=log]");
    if (followed === null || !log || !said[followed]) return;
    const above = said[followed].getBoundingClientRect().top - log.getBoundingClientRect().top - 20;
    log.scrollTop += above;
  };
  const letGo = () => { followed = null; };
  for (const kind of ["wheel", "touchmove", "pointerdown"]) addEventListener(kind, letGo, { passive: true, capture: true });

  /* Gradio labels each message with its source text, here HTML; a screen reader should read the message itself. */
  const unlabel = () => {
    for (const message of document.querySelectorAll("#chat [data-testid][aria-label]")) message.removeAttribute("aria-label");
  };

  /* The buttons of the box have a picture only. */
  const label = () => {
    const words = document.querySelector("#header [data-send]")?.dataset;
    if (!words) return;
    for (const [name, said] of [["submit", words.send], ["stop", words.stop]]) {
      const button = document.querySelector(`#say .${name}-button`);
      if (button && button.getAttribute("aria-label") !== said) button.setAttribute("aria-label", said);
    }
  };
  addEventListener("assistant:labels", label);

  const say = (detail) => dispatchEvent(new CustomEvent("assistant:say", { detail }));
  const keep = (detail) => dispatchEvent(new CustomEvent("assistant:act", { detail }));
  const titleOf = (card) => (card.querySelector(".card-title")?.textContent ?? "").trim();
  const placed = (card) => ({
    product: card.dataset.product, list: card.closest(".cards").dataset.list, position: card.dataset.position, title: titleOf(card),
  });

  /* Lists that a shopper can see are told of once. Those that are there before anything was done on this page belong to a
     conversation that has come back, and were told of when they were new. */
  let hasActed = false;
  for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => { hasActed = true; }, { capture: true });
  const told = new Set();
  const tellSeen = () => {
    const lists = [...document.querySelectorAll("#chat .cards[data-list]")].map((list) => list.dataset.list).filter(Boolean);
    const isAnswering = Boolean(document.querySelector("#say .stop-button"));
    for (const list of lists) {
      if (told.has(list) || isAnswering) continue;
      told.add(list);
      if (hasActed) keep({ act: "impression", list });
    }
  };

  /* Products of the newest list are chosen and then compared: ordinals ("the second") mean that list. */
  const MOST_COMPARED = 4;
  const marked = () => [...document.querySelectorAll("#chat [data-action=compare][aria-pressed=true]")];
  const drawChoice = (isFull = false) => {
    const bar = document.querySelector("#noted .compare");
    if (!bar) return;
    const n = marked().length;
    bar.hidden = n === 0;
    bar.querySelector("[data-compare=go]").disabled = n < 2;
    const words = isFull ? bar.dataset.full : n === 1 ? bar.dataset.one : bar.dataset.several.replace("#", n);
    const chosen = bar.querySelector(".chosen");
    if (chosen.textContent !== words) chosen.textContent = words;
  };
  const choose = (button) => {
    const isOn = button.getAttribute("aria-pressed") === "true";
    const isFull = !isOn && marked().length === MOST_COMPARED;
    if (!isFull) button.setAttribute("aria-pressed", String(!isOn));
    drawChoice(isFull);
  };
  addEventListener("assistant:compare", ({ detail }) => {
    const chosen = marked();
    if (detail === "draw") return drawChoice();
    for (const button of chosen) button.setAttribute("aria-pressed", "false");
    drawChoice();
    if (detail !== "go" || chosen.length < 2) return;
    const { sayCompare, comma } = chosen[0].closest(".cards").dataset;
    const names = chosen.map((button) => button.closest(".card").dataset.ordinal);
    say({ say: sayCompare.replace("{first}", names.slice(0, -1).join(comma)).replace("{last}", names.at(-1)) });
  });

  const onCard = (card, target) => {
    if (target.closest(".card-link")) keep({ act: "click", ...placed(card) });
    const weigh = target.closest("[data-weigh]");
    if (weigh && weigh.dataset.factor) say({ weigh: weigh.dataset.weigh, factor: weigh.dataset.factor });
    const button = target.closest(".card-action");
    if (!button) return;
    const { action } = button.dataset;
    if (action === "similar") say({ say: button.dataset.say, product: card.dataset.product });
    if (action === "compare") choose(button);
    if (action === "not_for_me" && !card.classList.contains("card-declined")) {
      card.classList.add("card-declined");
      keep({ act: "not_interested", ...placed(card) });
    }
  };

  /* A thumb is kept at once; one that points down asks for a reason, which takes its place. */
  const element = (name, attributes, ...children) => {
    const made = Object.assign(document.createElement(name), attributes);
    made.append(...children);
    return made;
  };
  const reasonForm = (row, verdict) => {
    const { title, reasons, other, send } = row.dataset;
    const words = element("input", { type: "text", maxLength: 400, placeholder: other, ariaLabel: other });
    const chips = reasons.split("|").map((reason) => element("button", { type: "button", className: "reason", textContent: reason, ariaPressed: "false" }));
    for (const chip of chips) chip.addEventListener("click", () => { chip.ariaPressed = String(chip.ariaPressed !== "true"); });
    const form = element(
      "form", { className: "reasons", ariaLabel: title },
      element("p", { textContent: title }), element("div", { className: "reason-chips" }, ...chips), words,
      element("button", { type: "submit", className: "plain", textContent: send }),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const said = [...chips.filter((chip) => chip.ariaPressed === "true").map((chip) => chip.textContent), words.value.trim()];
      form.remove();
      const reason = said.filter(Boolean).join("; ");
      if (reason) keep({ ...verdict, reason });
      row.querySelector(".thumb-down").focus();
    });
    return form;
  };
  const judge = (thumb) => {
    const row = thumb.closest(".feedback");
    for (const each of row.querySelectorAll(".thumb")) each.setAttribute("aria-pressed", String(each === thumb));
    row.querySelector(".reasons")?.remove();
    const verdict = { act: "feedback", turn: row.dataset.turn, value: thumb.dataset.value };
    keep(verdict);
    if (thumb.dataset.value === "down") {
      const form = reasonForm(row, verdict);
      row.append(form);
      form.querySelector("button").focus();
      form.scrollIntoView({ block: "nearest" });
    }
  };

  addEventListener("click", ({ target }) => {
    const card = target.closest?.("#chat .card");
    if (card) onCard(card, target);
    const again = target.closest?.("#chat .notice [data-say]");
    if (again) say({ say: again.dataset.say });
    const thumb = target.closest?.("#chat .thumb");
    if (thumb) judge(thumb);
  });

  const drawn = () => {
    follow();
    unlabel();
    label();
    tellSeen();
  };
  const watched = { childList: true, subtree: true, attributes: true, attributeFilter: ["aria-label"] };
  new MutationObserver(drawn).observe(document.documentElement, watched);
})();
