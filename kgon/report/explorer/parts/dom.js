// Elements, numbers as text, and colours.

const byId = id => document.getElementById(id);
const NAMESPACE = "http://www.w3.org/2000/svg";

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

/** An HTML element with attributes, handlers (``onclick``) and children. */
const make = (tag, attributes = {}, ...children) => filled(document.createElement(tag), attributes, children);

/** The same in SVG. */
const draw = (tag, attributes = {}, ...children) =>
  filled(document.createElementNS(NAMESPACE, tag), attributes, children);

function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
}

const minus = text => text.replace("-", "−");
const fixed = (x, digits) => minus(x.toFixed(digits));

/** A size: 0 below rounding, else three digits, with a power of ten where it is small. */
function small(x) {
  if (x < 1e-12) return "0";
  if (x >= 1e-3) return x >= 100 ? x.toFixed(0) : x.toPrecision(3);
  const [digits, power] = x.toExponential(1).split("e");
  return `${digits}·10${[...power].map(sign => "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign] ?? "⁻").join("")}`;
}

/** The colour of a k-gon, one for each k. */
const colourOf = k => `var(--k${k})`;

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
