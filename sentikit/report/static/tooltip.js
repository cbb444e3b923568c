"use strict";
/* What is said of an inserted adjective, while it is pointed at or has the focus; Escape hides it. */

const tooltip = (() => {
  const tip = byId("tip");
  let shownOf = null;

  function fill(mark) {
    const anp = report.anps[Number(mark.dataset.anp)];
    const known = mark.dataset.probability;
    const feeling = anp.valence === null ? "of unknown polarity" : `${anp.polarity} (${anp.valence > 0 ? "+" : ""}${anp.valence.toFixed(2)})`;
    tip.replaceChildren(
      element("strong", {}, anp.name),
      known ? `probability ${known}, ${feeling}` : `probability not known, ${feeling}`,
    );
  }

  function place(mark) {
    const at = mark.getClientRects()[0];
    const below = at.bottom + 6;
    const top = below + tip.offsetHeight < innerHeight ? below : at.top - tip.offsetHeight - 6;
    tip.style.top = `${Math.max(4, top)}px`;
    tip.style.left = `${Math.max(8, Math.min(at.left, document.documentElement.clientWidth - tip.offsetWidth - 8))}px`;
  }

  function show(mark) {
    if (shownOf && shownOf !== mark) hide();
    shownOf = mark;
    fill(mark);
    tip.hidden = false;
    place(mark);
    mark.setAttribute("aria-describedby", "tip");
  }

  function hide() {
    if (shownOf) shownOf.removeAttribute("aria-describedby");
    shownOf = null;
    tip.hidden = true;
  }

  const markOf = (event) => (event.target instanceof Element ? event.target.closest("mark[data-anp]") : null);
  const inside = (target) => target instanceof Node && (tip.contains(target) || (shownOf !== null && shownOf.contains(target)));

  document.addEventListener("pointerover", (event) => { const mark = markOf(event); if (mark) show(mark); });
  document.addEventListener("pointerout", (event) => {
    if (shownOf && inside(event.target) && !inside(event.relatedTarget) && document.activeElement !== shownOf) hide();
  });
  document.addEventListener("focusin", (event) => { const mark = markOf(event); if (mark) show(mark); else hide(); });
  document.addEventListener("focusout", hide);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
  document.addEventListener("scroll", () => { if (shownOf) (shownOf.isConnected ? place(shownOf) : hide()); }, { passive: true });
  return { hide };
})();
