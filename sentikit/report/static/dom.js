"use strict";
/* Making elements. Text goes in as text, never as HTML. */

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

const byId = (id) => document.getElementById(id);
const number = (value) => value.toLocaleString("en-US");
const share = (part, whole) => (whole ? `${((100 * part) / whole).toFixed(1)} %` : "–");
const probabilityText = (value) => (value === null ? "" : value >= 0.001 ? value.toFixed(3) : value.toPrecision(1));

/* A label, a bar of `part` of the whole width, and a value. */
function bar(label, part, value, kind = "") {
  const fill = element("span", { class: `fill ${kind}` });
  fill.style.width = `${Math.max(0, Math.min(1, part)) * 100}%`;
  return element(
    "span", { class: "bar" },
    element("span", { class: "label", title: label }, label),
    element("span", { class: "track", "aria-hidden": "true" }, fill),
    element("span", { class: "value" }, value),
  );
}
