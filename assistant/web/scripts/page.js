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

  /* What is done with a card: it is said, or noted as an act. Two products of a list that are marked are compared. */
  const handOn = (detail) => dispatchEvent(new CustomEvent("assistant:card", { detail }));
  const comparison = (list) => {
    const marked = [...list.querySelectorAll("[data-action=compare][aria-pressed=true]")];
    const [first, last] = marked.map((button) => button.closest(".card").dataset.ordinal);
    return marked.length < 2 ? null : list.dataset.sayCompare.replace("{first}", first).replace("{last}", last);
  };
  const act = (card, kind) => handOn({
    act: kind, product: card.dataset.product, list: card.closest(".cards").dataset.list, position: card.dataset.position,
  });
  addEventListener("click", (event) => {
    const card = event.target.closest?.("#chat .card");
    if (!card) return;
    if (event.target.closest(".card-link")) act(card, "click");
    const button = event.target.closest(".card-action");
    if (!button) return;
    const { action, say } = button.dataset;
    if (action === "similar") handOn({ say, product: card.dataset.product });
    if (action === "not_for_me") {
      card.classList.add("card-declined");
      act(card, "not_interested");
    }
    if (action === "compare") {
      button.setAttribute("aria-pressed", button.getAttribute("aria-pressed") === "true" ? "false" : "true");
      const said = comparison(card.closest(".cards"));
      if (said) handOn({ say: said });
    }
  });

  const watched = { childList: true, subtree: true, attributes: true, attributeFilter: ["aria-label"] };
  new MutationObserver(() => { follow(); unlabel(); }).observe(document.documentElement, watched);
})();
