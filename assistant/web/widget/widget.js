/* The shop's chat on any page: a launcher in shadow DOM, and the chat itself in a frame of the shop's own server.

   In: the attributes of its own <script> tag, CSS variables of the page, calls of `ShoppingAssistant`. Out: one element,
   and events. What is said stays between the frame and its server; the two talk by checked messages only. */
(() => {
  "use strict";

  const NAME = "shopping-assistant";
  const PROTOCOL = 1;
  const HERE = Symbol.for(`${NAME}.widget`);
  const PHONE = "(max-width: 480px)";
  const LAUNCHER_PX = 56;
  const GAP_PX = 12;
  const PATIENCE_MS = 15000;
  const MODES = ["bubble", "inline", "page"];
  const SCHEMES = ["light", "dark", "auto"];

  const WORDS = {
    en: { open: "Chat with the shopping assistant", close: "Close the chat", title: "Shopping assistant",
          unread: "new reply", loading: "The chat is opening…", failed: "The chat could not be reached.", again: "Try again" },
    zh: { open: "与购物助手对话", close: "收起对话", title: "购物助手",
          unread: "有新回复", loading: "正在打开对话…", failed: "暂时无法打开对话。", again: "再试一次" },
  };

  /* What the frame may say: each message's fields and their types. Everything else is dropped. */
  const FROM_FRAME = {
    hello: {}, ready: {}, close: {},
    message: { role: "string", text: "string" },
    product_click: { product_id: "string", url: "string", list_id: "string?", position: "number?" },
    add_to_cart: { product_id: "string", quantity: "number", title: "string?", list_id: "string?", position: "number?" },
    feedback: { value: "string", turn: "number?", reason: "string?" },
    handoff: { state: "string", reference: "string?" },
    error: { code: "string", message: "string" },
  };

  const COLOR = /^(#[0-9a-f]{3,8}|[a-z]{3,24}|(rgb|hsl|hwb|lab|lch|oklab|oklch)a?\([\d\s.,%/+a-z-]{1,80}\))$/i;
  const LENGTH = /^\d{1,4}(\.\d{1,3})?(px|rem|em)$/;
  const FONT = /^[\w\s,"'.\-\u4e00-\u9fff]{1,200}$/;
  const THEME = { accent: COLOR, "on-accent": COLOR, radius: LENGTH, font: FONT };

  const STYLE = `
    :host { color-scheme: light; }
    .all { --accent: var(--${NAME}-accent, #1d5c48); --on-accent: var(--${NAME}-on-accent, var(--computed-on-accent, #ffffff));
      --paper: #f8f5ef; --ink: #24211c; --line: #e3dccf; --side: var(--${NAME}-side, 20px);
      --bottom: calc(var(--${NAME}-bottom, 20px) + var(--lift, 0px) + env(safe-area-inset-bottom, 0px));
      font: 400 15px/1.5 var(--${NAME}-font, system-ui, sans-serif); color: var(--ink); }
    .dark { --accent: var(--${NAME}-accent, #7ecaaa); --on-accent: var(--${NAME}-on-accent, var(--computed-on-accent, #0e241b));
      --paper: #161513; --ink: #f2eee6; --line: #3b3731; color-scheme: dark; }
    [hidden] { display: none !important; }
    .launcher { position: fixed; bottom: var(--bottom); right: calc(var(--side) + env(safe-area-inset-right, 0px));
      width: ${LAUNCHER_PX}px; height: ${LAUNCHER_PX}px; box-sizing: border-box; margin: 0; padding: 0; border: 0; border-radius: 50%;
      display: grid; place-items: center; background: var(--accent); color: var(--on-accent); cursor: pointer;
      box-shadow: 0 2px 6px rgb(0 0 0 / 22%), 0 8px 24px rgb(0 0 0 / 18%); transition: transform 0.15s; }
    .left .launcher { right: auto; left: calc(var(--side) + env(safe-area-inset-left, 0px)); }
    .launcher:hover { transform: scale(1.05); }
    .launcher:focus-visible, .again:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; box-shadow: 0 0 0 3px var(--paper); }
    .launcher svg { width: 26px; height: 26px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
    .dot { position: absolute; top: 1px; right: 1px; width: 14px; height: 14px; box-sizing: border-box; border: 2px solid var(--paper); border-radius: 50%; background: #c2351d; }
    .panel { position: fixed; right: calc(var(--side) + env(safe-area-inset-right, 0px)); bottom: calc(var(--bottom) + ${LAUNCHER_PX + GAP_PX}px);
      width: min(410px, calc(100vw - 2 * var(--side))); height: min(720px, calc(100vh - var(--bottom) - ${LAUNCHER_PX + 2 * GAP_PX}px));
      box-sizing: border-box; border: 1px solid var(--line); border-radius: var(--${NAME}-radius, 18px); overflow: hidden; background: var(--paper);
      box-shadow: 0 4px 12px rgb(0 0 0 / 12%), 0 18px 48px rgb(0 0 0 / 20%); animation: appear 0.16s ease-out; }
    .left .panel { right: auto; left: calc(var(--side) + env(safe-area-inset-left, 0px)); }
    @keyframes appear { from { opacity: 0; transform: translateY(8px); } }
    iframe { position: relative; display: block; width: 100%; height: 100%; border: 0; color-scheme: normal; }
    .state { position: absolute; inset: 0; display: flex; flex-direction: column; gap: 12px; align-items: center; justify-content: center; padding: 24px; text-align: center; }
    .again { min-height: 44px; padding: 0 20px; border: 0; border-radius: 12px; background: var(--accent); color: var(--on-accent); font: inherit; cursor: pointer; }
    .shut { position: absolute; top: 8px; right: 8px; width: 44px; height: 44px; border: 0; background: none; color: inherit; font: inherit; font-size: 24px; cursor: pointer; }
    .inline .panel { position: relative; inset: auto; width: 100%; height: 100%; box-shadow: none; animation: none; }
    .inline { height: 100%; }
    .page .panel { inset: var(--seen-top, 0px) 0 auto 0; width: auto; height: var(--seen-height, 100vh); border: 0; border-radius: 0; box-shadow: none; animation: none; }
    .page .panel, .phone .panel { padding: env(safe-area-inset-top, 0px) env(safe-area-inset-right, 0px) env(safe-area-inset-bottom, 0px) env(safe-area-inset-left, 0px); }
    .phone .panel { inset: auto; left: 0; top: var(--seen-top, 0px); width: 100vw; height: var(--seen-height, 100vh); border: 0; border-radius: 0; box-shadow: none; }
    @supports (height: 100dvh) {
      .bubble:not(.phone) .panel { height: min(720px, calc(100dvh - var(--bottom) - ${LAUNCHER_PX + 2 * GAP_PX}px)); }
      .phone .panel { height: var(--seen-height, 100dvh); }
    }
    @media (prefers-reduced-motion: reduce) { .panel, .launcher { animation: none; transition: none; } .launcher:hover { transform: none; } }
    @media (forced-colors: active) { .launcher { border: 2px solid ButtonText; } }
    @media print { .all { display: none; } }
  `;

  const script = ownScript();
  if (!script || window[HERE]) return;

  const source = new URL(script.src, location.href);
  const base = source.pathname.replace(/\/(widget\/[^/]+\/)?widget\.js$/, "");
  const server = source.origin;
  const nonce = script.nonce || "";
  const options = readOptions();
  if (!options.key) {
    console.error("Shopping assistant: the script tag lacks data-key.");
    return;
  }

  const listeners = new Map();
  const handlers = [];
  const state = {
    open: false, ready: false, failed: false, destroyed: false, unread: 0, user: null, context: null, theme: {},
    language: options.language, scheme: options.theme, waiting: [], locked: null, attached: [],
  };
  const view = build();
  const observer = new MutationObserver(() => { place(); standClearSoon(); });
  const api = Object.freeze({
    open, close, toggle, send, setUser, setContext, setLocale, setTheme, reset, destroy, on,
    version: String(PROTOCOL),
  });

  window[HERE] = api;
  const globalName = publish();
  whenParsed(start);

  /* ---- The script tag ---- */

  function ownScript() {
    const current = document.currentScript;
    if (current && current.src) return current;
    const tags = document.querySelectorAll("script[src*='widget.js']");
    return [...tags].reverse().find((tag) => tag.dataset.key || /[?&]key=/.test(tag.src)) || null;
  }

  /** Tag managers that drop data- attributes can pass the same names in the script's address. */
  function option(name) {
    const value = script.getAttribute(`data-${name}`) ?? source.searchParams.get(name);
    return value === null ? null : value.trim();
  }

  function readOptions() {
    const theme = option("theme");
    const mode = option("mode");
    return {
      key: option("key"),
      mode: MODES.includes(mode) ? mode : "bubble",
      target: option("target"),
      language: knownLanguage(option("language") || document.documentElement.lang || navigator.language),
      theme: SCHEMES.includes(theme) ? theme : "auto",
      left: option("position") === "left",
      bottom: asLength(option("bottom")),
      accent: COLOR.test(option("accent") || "") ? option("accent") : null,
    };
  }

  function asLength(value) {
    const length = /^\d{1,4}$/.test(value || "") ? `${value}px` : value;
    return LENGTH.test(length || "") ? length : null;
  }

  function knownLanguage(tag) {
    return /^zh\b/i.test(tag || "") ? "zh" : "en";
  }

  function whenParsed(act) {
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", act, { once: true });
    else act();
  }

  /* ---- The element ---- */

  function build() {
    const host = document.createElement("div");
    host.setAttribute("data-shopping-assistant", "");
    const root = host.attachShadow({ mode: "open" });
    dress(root);
    const all = element("div", "all");
    const launcher = options.mode === "bubble" ? buildLauncher() : null;
    const panel = element("div", "panel");
    panel.hidden = true;
    panel.append(element("div", "state"));
    if (launcher) {
      panel.id = "panel";
      panel.setAttribute("role", "dialog");
      launcher.setAttribute("aria-controls", "panel");
      all.append(launcher);
    }
    all.append(panel);
    root.append(all);
    const built = { host, root, all, launcher, panel, frame: null };
    protect(built);
    return built;
  }

  /** A constructed sheet needs no permission of a strict policy; an older browser takes a <style> with our own nonce. */
  function dress(root) {
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      root.adoptedStyleSheets = [sheet];
    } catch {
      const style = element("style");
      style.nonce = nonce;
      style.textContent = STYLE;
      root.append(style);
    }
  }

  /** Inline and important: stronger than every rule of the page's own style sheets, whatever they reset or hide. */
  function protect({ host }) {
    const important = (name, value) => host.style.setProperty(name, value, "important");
    important("all", "initial");
    if (options.mode === "inline") {
      important("display", "block");
      important("height", `var(--${NAME}-height, 640px)`);
      important("width", "100%");
    } else {
      important("display", "block");
      important("position", "fixed");
      important("width", "0");
      important("height", "0");
      important("z-index", `var(--${NAME}-z, 2147483000)`);
    }
    if (options.bottom) host.style.setProperty(`--${NAME}-bottom`, options.bottom);
    if (options.accent) host.style.setProperty(`--${NAME}-accent`, options.accent);
  }

  function buildLauncher() {
    const launcher = element("button", "launcher");
    launcher.type = "button";
    launcher.setAttribute("aria-haspopup", "dialog");
    launcher.setAttribute("aria-expanded", "false");
    launcher.append(
      icon("M21 11.5a8.5 8.5 0 0 1-12.3 7.6L3 21l1.9-5.7A8.5 8.5 0 1 1 21 11.5z M8.5 11.5h.01 M12.5 11.5h.01 M16.5 11.5h.01"),
      icon("M6 9l6 6 6-6"),
      element("span", "dot"),
    );
    launcher.lastChild.hidden = true;
    launcher.addEventListener("click", toggle);
    return launcher;
  }

  function element(tag, className) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    return made;
  }

  function icon(path) {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    const line = document.createElementNS(space, "path");
    line.setAttribute("d", path);
    svg.append(line);
    return svg;
  }

  /** The element stands beside <body>, so that pages that swap or transform their body leave the chat alone. */
  function place() {
    if (state.destroyed || view.host.isConnected) return;
    const recent = state.attached.filter((time) => Date.now() - time < 10000);
    if (recent.length >= 20) return;
    const target = options.mode === "inline" ? inlineTarget() : document.documentElement;
    if (!target) return;
    state.attached = [...recent, Date.now()];
    state.ready = false;
    target.append(view.host);
    if (state.open) showFrame();
  }

  function inlineTarget() {
    try {
      return document.querySelector(options.target || `[data-${NAME}-target]`);
    } catch {
      console.error(`Shopping assistant: data-target is no CSS selector: ${options.target}`);
      return null;
    }
  }

  function draw() {
    const words = WORDS[state.language];
    const onPhone = isPhone();
    const { all, launcher, panel } = view;
    all.className = `all ${options.mode}${options.left ? " left" : ""}${isDark() ? " dark" : ""}${onPhone ? " phone" : ""}`;
    all.lang = state.language;
    panel.hidden = !state.open;
    if (!launcher) return;
    panel.setAttribute("aria-label", words.title);
    if (onPhone && state.open) panel.setAttribute("aria-modal", "true");
    else panel.removeAttribute("aria-modal");
    launcher.hidden = onPhone && state.open;
    launcher.setAttribute("aria-expanded", String(state.open));
    const news = state.unread && !state.open ? ` (${words.unread})` : "";
    launcher.setAttribute("aria-label", (state.open ? words.close : words.open) + news);
    launcher.title = state.open ? words.close : words.open;
    const [bubble, down, dot] = launcher.children;
    bubble.toggleAttribute("hidden", state.open);
    down.toggleAttribute("hidden", !state.open);
    dot.hidden = !news;
  }

  function isPhone() {
    return options.mode === "bubble" && matchMedia(PHONE).matches;
  }

  function isDark() {
    return state.scheme === "dark" || (state.scheme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  }

  /* ---- The frame ---- */

  function showFrame() {
    if (view.frame && view.frame.isConnected) return;
    loadFrame();
  }

  function loadFrame() {
    if (view.frame) view.frame.remove();
    state.ready = false;
    state.failed = false;
    const frame = element("iframe");
    frame.title = WORDS[state.language].title;
    frame.allow = "clipboard-write";
    frame.referrerPolicy = "strict-origin";
    frame.src = frameAddress();
    view.frame = frame;
    say(WORDS[state.language].loading);
    view.panel.append(frame);
    clearTimeout(state.patience);
    state.patience = setTimeout(frameFailed, PATIENCE_MS);
  }

  function frameAddress() {
    const address = new URL(`${base}/widget/frame`, server);
    const values = { key: options.key, origin: location.origin, language: state.language, theme: isDark() ? "dark" : "light" };
    for (const name of Object.keys(values)) address.searchParams.set(name, values[name]);
    return address.href;
  }

  function frameFailed() {
    if (state.ready || state.destroyed) return;
    state.failed = true;
    view.frame.remove();
    const words = WORDS[state.language];
    const again = element("button", "again");
    again.type = "button";
    again.textContent = words.again;
    again.addEventListener("click", loadFrame);
    say(words.failed, again);
    if (options.mode === "bubble") view.panel.firstChild.append(shutButton());
    emit("error", { code: "frame_unreachable", message: `${server} did not answer, or the page's policy forbids its frame.` });
  }

  /** Where the frame did not come its own close button is missing, too. */
  function shutButton() {
    const shut = element("button", "shut");
    shut.type = "button";
    shut.setAttribute("aria-label", WORDS[state.language].close);
    shut.textContent = "×";
    shut.addEventListener("click", close);
    return shut;
  }

  function say(words, ...more) {
    const line = element("p");
    line.setAttribute("role", "status");
    line.textContent = words;
    view.panel.firstChild.replaceChildren(line, ...more);
  }

  function post(type, data = {}) {
    if (!view.frame || !view.frame.contentWindow) return;
    view.frame.contentWindow.postMessage({ app: NAME, v: PROTOCOL, type, ...data }, server);
  }

  /** What must not be lost waits until the frame listens. */
  function postLater(type, data) {
    if (state.ready) post(type, data);
    else state.waiting.push([type, data]);
  }

  function heard(event) {
    if (!view.frame || event.source !== view.frame.contentWindow || event.origin !== server) return;
    const message = event.data;
    if (!message || typeof message !== "object" || message.app !== NAME || message.v !== PROTOCOL) return;
    const schema = Object.hasOwn(FROM_FRAME, message.type) ? FROM_FRAME[message.type] : null;
    const data = schema && checked(message, schema);
    if (data) act(message.type, data);
  }

  /** The fields that the schema names, or null where one has another type. */
  function checked(message, schema) {
    const data = {};
    for (const name of Object.keys(schema)) {
      const type = schema[name].replace("?", "");
      const absent = message[name] === undefined || message[name] === null;
      if (absent && schema[name].endsWith("?")) data[name] = null;
      else if (typeof message[name] === type) data[name] = message[name];
      else return null;
    }
    return data;
  }

  function act(type, data) {
    if (type === "hello") welcome();
    else if (type === "ready") ready();
    else if (type === "close") { if (options.mode === "bubble") close(); }
    else {
      if (type === "message" && data.role === "assistant" && !state.open) state.unread += 1;
      if (type === "add_to_cart" && !handled("add_to_cart")) return;
      emit(type, data);
      draw();
    }
  }

  function welcome() {
    clearTimeout(state.patience);
    post("init", {
      mode: options.mode, open: state.open, phone: isPhone(), user: state.user, context: state.context, ...appearance(), cart: handled("add_to_cart"),
    });
  }

  function ready() {
    state.ready = true;
    view.panel.firstChild.replaceChildren();
    for (const [type, data] of state.waiting.splice(0)) post(type, data);
    if (state.open) post("shown", { open: true, focus: state.wantsFocus === true, phone: isPhone() });
    state.wantsFocus = false;
  }

  /* ---- Looks ---- */

  function appearance() {
    const style = getComputedStyle(view.host);
    const theme = {};
    for (const name of Object.keys(THEME)) {
      const value = style.getPropertyValue(`--${NAME}-${name}`).trim();
      if (value && THEME[name].test(value)) theme[name] = value;
    }
    return { scheme: isDark() ? "dark" : "light", theme };
  }

  function restyle() {
    draw();
    contrast();
    post("theme", appearance());
  }

  /** An accent without its `on-accent` gets black or white, whichever is read more easily. */
  function contrast() {
    const probe = element("span");
    probe.style.color = "color-mix(in srgb, var(--accent), var(--accent))";
    view.all.append(probe);
    const channels = (getComputedStyle(probe).color.replace("srgb", "").match(/[\d.]+(e-\d+)?/g) || []).slice(0, 3).map(Number);
    probe.remove();
    if (channels.length < 3 || !appearance().theme.accent) {
      view.all.style.removeProperty("--computed-on-accent");
      return;
    }
    const [red, green, blue] = channels.map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    view.all.style.setProperty("--computed-on-accent", luminance > 0.179 ? "#000000" : "#ffffff");
  }

  /* ---- Standing clear of what the page keeps at its bottom ---- */

  function standClear() {
    if (options.mode !== "bubble" || !view.host.isConnected || (state.open && isPhone())) return;
    let lift = 0;
    for (let round = 0; round < 3; round += 1) {
      view.all.style.setProperty("--lift", `${lift}px`);
      const top = barTop(view.launcher.getBoundingClientRect());
      if (top === null) break;
      const bottomNow = innerHeight - view.launcher.getBoundingClientRect().bottom;
      const wanted = lift + (innerHeight - top) + GAP_PX - bottomNow;
      if (wanted <= lift || innerHeight - top + GAP_PX + LAUNCHER_PX > innerHeight) break;
      lift = wanted;
    }
    view.all.style.setProperty("--lift", `${lift}px`);
  }

  /** The upper edge of a bar that is fixed at the bottom and reaches under the launcher; null where there is none. */
  function barTop(box) {
    const tops = [];
    for (const x of [box.left + 4, box.left + box.width / 2, box.right - 4]) {
      for (const y of [box.top + 4, box.top + box.height / 2, box.bottom - 4, innerHeight - 2]) {
        for (const found of elementsAt(document, x, y)) {
          const bar = pinned(found);
          if (bar) tops.push(bar.top);
        }
      }
    }
    return tops.length ? Math.min(...tops) : null;
  }

  function elementsAt(root, x, y) {
    const found = root.elementsFromPoint(x, y).filter((each) => each !== view.host);
    return found.flatMap((each) => (each.shadowRoot && root !== each.shadowRoot ? [...elementsAt(each.shadowRoot, x, y), each] : [each]));
  }

  /** The box of the fixed bar that `found` belongs to. What covers the whole window is the page itself, not a bar. */
  function pinned(found) {
    for (let each = found; each; each = each.parentElement || (each.getRootNode() instanceof ShadowRoot ? each.getRootNode().host : null)) {
      const position = getComputedStyle(each).position;
      if (position !== "fixed" && position !== "sticky") continue;
      const box = each.getBoundingClientRect();
      const isBar = box.height > 0 && box.height < 0.75 * innerHeight && box.bottom > innerHeight - 120 && box.top > 0;
      if (isBar) return box;
    }
    return null;
  }

  function standClearSoon() {
    clearTimeout(state.clearing);
    state.clearing = setTimeout(standClear, 250);
  }

  /* ---- Phones ---- */

  function holdPage() {
    const shouldHold = state.open && isPhone() && !state.destroyed;
    if (shouldHold && !state.locked) {
      state.locked = [document.documentElement, document.body].filter(Boolean).map((each) => ({
        each, value: each.style.getPropertyValue("overflow"), priority: each.style.getPropertyPriority("overflow"), inert: each.inert,
      }));
      for (const { each } of state.locked) each.style.setProperty("overflow", "hidden", "important");
      if (document.body) document.body.inert = true;
    } else if (!shouldHold && state.locked) {
      for (const { each, value, priority, inert } of state.locked.splice(0)) {
        each.style.setProperty("overflow", value, priority);
        if (each === document.body) each.inert = inert;
      }
      state.locked = null;
    }
  }

  /** The on-screen keyboard takes part of the window: the chat fits into what is left. A page zoomed in keeps its size. */
  function fitSeen() {
    const seen = window.visualViewport;
    if (!seen || seen.scale > 1.01) return;
    view.all.style.setProperty("--seen-height", `${seen.height}px`);
    view.all.style.setProperty("--seen-top", `${seen.offsetTop}px`);
  }

  /* ---- Events ---- */

  function on(event, listener) {
    if (typeof listener !== "function") throw new TypeError("ShoppingAssistant.on(event, listener): listener is no function");
    const name = String(event);
    if (!listeners.has(name)) listeners.set(name, new Set());
    listeners.get(name).add(listener);
    if (name === "ready" && state.started) queueMicrotask(() => listener({ api }));
    if (name === "add_to_cart") post("cart", { on: true });
    return () => {
      listeners.get(name)?.delete(listener);
      if (name === "add_to_cart") post("cart", { on: handled(name) });
    };
  }

  function handled(name) {
    return (listeners.get(name)?.size || 0) > 0;
  }

  /** A listener that fails is the page's fault and must not stop the others. */
  function emit(name, detail) {
    for (const listener of [...(listeners.get(name) || [])]) {
      try {
        listener(detail);
      } catch (error) {
        console.error(error);
      }
    }
    window.dispatchEvent(new CustomEvent(`${NAME}:${name}`, { detail }));
  }

  function listen(target, type, listener, settings) {
    if (!target) return;
    target.addEventListener(type, listener, settings);
    handlers.push(() => target.removeEventListener(type, listener, settings));
  }

  /* ---- The API ---- */

  function open() {
    show(true);
  }

  function show(wantsFocus) {
    if (state.destroyed || state.open) return;
    state.open = true;
    state.unread = 0;
    state.wantsFocus = wantsFocus;
    remember(true);
    draw();
    fitSeen();
    showFrame();
    holdPage();
    if (wantsFocus && view.frame) view.frame.focus();
    if (state.ready) post("shown", { open: true, focus: wantsFocus, phone: isPhone() });
    emit("open", {});
  }

  function close() {
    if (state.destroyed || !state.open || options.mode !== "bubble") return;
    const hadFocus = view.root.activeElement !== null;
    state.open = false;
    remember(false);
    draw();
    holdPage();
    post("shown", { open: false, focus: false, phone: isPhone() });
    if (hadFocus) view.launcher.focus();
    standClear();
    emit("close", {});
  }

  function toggle() {
    if (state.open) close();
    else open();
  }

  function send(text) {
    const words = String(text ?? "").trim();
    if (!words || state.destroyed) return;
    show(false);
    postLater("say", { text: words.slice(0, 2000) });
  }

  function setUser(user) {
    const id = user && typeof user.id === "string" ? user.id.slice(0, 200) : null;
    state.user = id ? { id } : null;
    post("user", { user: state.user });
  }

  function setContext(context) {
    const text = (value) => (typeof value === "string" && value.length <= 200 ? value : null);
    const given = context || {};
    const cart = Array.isArray(given.cart) ? given.cart.filter((id) => text(id) !== null).slice(0, 100) : [];
    state.context = { product: text(given.product), category: text(given.category), cart };
    post("context", { context: state.context });
  }

  function setLocale(tag) {
    const language = knownLanguage(String(tag));
    if (language === state.language) return;
    state.language = language;
    draw();
    if (view.frame) {
      state.wantsFocus = false;
      loadFrame();
    }
  }

  /** "light", "dark", "auto", or an object with `scheme`, `accent`, `onAccent`, `radius`, `font`; null takes one back. */
  function setTheme(theme) {
    const given = typeof theme === "string" ? { scheme: theme } : theme || {};
    if (SCHEMES.includes(given.scheme)) state.scheme = given.scheme;
    for (const [name, value] of [["accent", given.accent], ["on-accent", given.onAccent], ["radius", given.radius], ["font", given.font]]) {
      if (value === null) view.host.style.removeProperty(`--${NAME}-${name}`);
      else if (typeof value === "string" && THEME[name].test(value)) view.host.style.setProperty(`--${NAME}-${name}`, value);
    }
    restyle();
  }

  function reset() {
    if (view.frame) postLater("reset", {});
    else state.waiting.push(["reset", {}]);
  }

  function destroy() {
    if (state.destroyed) return;
    state.destroyed = true;
    state.open = false;
    holdPage();
    remember(false);
    observer.disconnect();
    for (const stop of handlers.splice(0)) stop();
    for (const timer of [state.patience, state.clearing]) clearTimeout(timer);
    view.host.remove();
    listeners.clear();
    delete window[HERE];
    if (window[globalName] === api) delete window[globalName];
  }

  /** A name that the page uses for something else stays the page's. */
  function publish() {
    const taken = window.ShoppingAssistant !== undefined;
    const name = taken ? "ShoppingAssistantWidget" : "ShoppingAssistant";
    if (taken) console.info("Shopping assistant: the page has a ShoppingAssistant of its own; this one is window.ShoppingAssistantWidget.");
    Object.defineProperty(window, name, { value: api, configurable: true, writable: true, enumerable: true });
    return name;
  }

  /* ---- From page to page ---- */

  /** Whether the chat stood open is kept for the tab; nothing else is kept in the page's own storage. */
  function remember(isOpen) {
    if (options.mode !== "bubble") return;
    try {
      if (isOpen) sessionStorage.setItem(`${NAME}.open`, "1");
      else sessionStorage.removeItem(`${NAME}.open`);
    } catch {
      /* A page without storage starts with the chat closed. */
    }
  }

  function stoodOpen() {
    try {
      return sessionStorage.getItem(`${NAME}.open`) === "1";
    } catch {
      return false;
    }
  }

  function start() {
    if (state.destroyed) return;
    place();
    draw();
    contrast();
    observer.observe(document, { childList: true, subtree: true });
    listen(window, "message", heard);
    listen(window, "resize", () => { draw(); holdPage(); fitSeen(); standClearSoon(); });
    listen(window.visualViewport, "resize", fitSeen);
    listen(window.visualViewport, "scroll", fitSeen);
    listen(matchMedia("(prefers-color-scheme: dark)"), "change", restyle);
    for (const type of ["click", "transitionend", "animationend"]) listen(document, type, standClearSoon, { passive: true, capture: true });
    listen(view.root, "keydown", (event) => { if (event.key === "Escape" && !event.isComposing) close(); });
    standClear();
    for (const delay of [600, 2000, 5000]) setTimeout(standClear, delay);
    state.started = true;
    emit("ready", { api });
    if (options.mode !== "bubble") show(false);
    else if (stoodOpen() && !isPhone()) show(false);
  }
})();
