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

  const watched = { childList: true, subtree: true, attributes: true, attributeFilter: ["aria-label"] };
  new MutationObserver(() => { follow(); unlabel(); }).observe(document.documentElement, watched);
})();
