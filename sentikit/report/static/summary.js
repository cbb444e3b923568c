"use strict";
/* The top of the page: what was counted. */

const summaryView = (() => {
  function tile(name, value, small = "") {
    return element("div", {}, element("dd", {}, value, small ? element("small", {}, small) : null), element("dt", {}, name));
  }

  function tiles(counts) {
    const { photos, captions, edited, edits, failed } = counts;
    return [
      tile("photos", number(photos)),
      tile("captions", number(captions)),
      tile("edited captions", number(edited), share(edited, captions)),
      tile("edits", number(edits), captions ? `${(edits / captions).toFixed(3)} a caption` : ""),
      tile("distinct ANPs put in", number(counts.distinct)),
      tile("without any adjective", share(counts.withoutAdjective, captions), `${share(counts.plainWithoutAdjective, captions)} before the edits`),
      tile("failed photos", number(failed), failed ? share(failed, photos) : ""),
    ];
  }

  function chart(title, kind, rows, choose) {
    const most = Math.max(...rows.map((row) => row.count), 1);
    const items = rows.map((row) => {
      const button = element("button", { type: "button", title: "Show these photos" }, bar(row.label, row.count / most, number(row.count), row.kind));
      button.addEventListener("click", () => choose(row.label));
      return element("li", {}, button);
    });
    return element("section", {}, element("h2", {}, title), element("ul", { class: kind }, ...items));
  }

  function showCharts(counts) {
    if (!counts.edits) return;
    const anps = counts.commonest.map(([adjective, noun, , count]) => ({ label: `${adjective} ${noun}`, count, kind: "" }));
    const polarities = counts.polarities.map(([label, count]) => ({ label, count, kind: label }));
    byId("charts").append(
      chart("Commonest ANPs put in", "two", anps, filters.chooseAnp),
      chart("Polarity of the adjectives put in", "", polarities, filters.choosePolarity),
    );
  }

  function showWarnings(sentences) {
    const box = byId("warnings");
    box.hidden = !sentences.length;
    box.querySelector("summary").textContent = sentences.length === 1 ? "1 warning" : `${sentences.length} warnings`;
    box.querySelector("ul").append(...sentences.map((sentence) => element("li", {}, sentence)));
  }

  function show(summary) {
    byId("source").textContent = summary.source;
    byId("run").append(...summary.settings.map(([name, value]) => element("span", {}, `${name} ${value}`)));
    byId("tiles").append(...tiles(summary.statistics));
    showCharts(summary.statistics);
    showWarnings(summary.warnings);
  }

  return { show };
})();
