/* Light or dark, and the page's own accent, font and roundness.

   In: values from the page, checked by pattern: colours, lengths and names of fonts, nothing that fetches. Out: variables
   of this document. What is written in an accent that could not be read is made darker or lighter until it can. */

const COLOR = /^(#[0-9a-f]{3,8}|[a-z]{3,24}|(rgb|hsl|hwb|lab|lch|oklab|oklch)a?\([\d\s.,%/+a-z-]{1,80}\))$/i;
const LENGTH = /^\d{1,4}(\.\d{1,3})?(px|rem|em)$/;
const FONT = /^[\w\s,"'.\-\u4e00-\u9fff]{1,200}$/;
const READABLE = 4.5;
const root = document.documentElement;

/** Shows the page as `scheme` ("light", "dark", "auto") says, with the values of `theme` that pass. */
export function dress(scheme, theme = {}) {
  document.body.classList.toggle("dark", scheme === "dark" || (scheme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches));
  for (const name of ["--accent", "--accent-fill", "--on-accent", "--accent-wash", "--accent-line"]) root.style.removeProperty(name);
  set("--frame-radius", LENGTH, theme.radius);
  set("--frame-font", FONT, theme.font);
  const accent = COLOR.test(theme.accent || "") ? channels(theme.accent) : null;
  if (accent) useAccent(accent, COLOR.test(theme["on-accent"] || "") ? channels(theme["on-accent"]) : null);
}

function set(name, pattern, value) {
  if (pattern.test(value || "")) root.style.setProperty(name, value);
  else root.style.removeProperty(name);
}

function useAccent(wanted, wantedOn) {
  const on = wantedOn && contrast(wantedOn, wanted) >= READABLE ? wantedOn : blackOrWhite(wanted);
  root.style.setProperty("--accent", rgb(readable(wanted, [channels("var(--surface)"), channels("var(--sunken)")])));
  root.style.setProperty("--accent-fill", rgb(wanted));
  root.style.setProperty("--on-accent", rgb(on));
  root.style.setProperty("--accent-wash", "color-mix(in srgb, var(--accent) 10%, var(--surface))");
  root.style.setProperty("--accent-line", "color-mix(in srgb, var(--accent) 35%, var(--surface))");
}

/** `color` moved towards black or white until it stands out from every paper. */
export function readable(color, papers) {
  const pole = luminance(papers[0]) > 0.179 ? [0, 0, 0] : [255, 255, 255];
  for (let step = 0; step <= 20; step += 1) {
    const mixed = color.map((value, place) => Math.round(value + ((pole[place] - value) * step) / 20));
    if (papers.every((paper) => contrast(mixed, paper) >= READABLE)) return mixed;
  }
  return pole;
}

function blackOrWhite(color) {
  return contrast([255, 255, 255], color) >= contrast([0, 0, 0], color) ? [255, 255, 255] : [0, 0, 0];
}

/** Contrast as WCAG 2 defines it, 1 to 21. */
export function contrast(one, other) {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color) {
  const [red, green, blue] = color.map((value) => value / 255).map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** What the browser makes of a colour: red, green and blue, 0 to 255; null where it is none. */
function channels(color) {
  const probe = document.createElement("span");
  probe.style.color = `color-mix(in srgb, ${color}, ${color})`;
  if (!probe.style.color) return null;
  document.body.append(probe);
  const found = getComputedStyle(probe).color.replace("srgb", "").match(/[\d.]+(e-\d+)?/g) || [];
  probe.remove();
  return found.length < 3 ? null : found.slice(0, 3).map((value) => Math.round(Number(value) * 255));
}

function rgb(color) {
  return `rgb(${color.join(" ")})`;
}
