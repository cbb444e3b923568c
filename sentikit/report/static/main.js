"use strict";
/* Starts the page: what was counted first, then photographs as their files come in. */

(() => {
  let choice = null;
  let found = 0;
  let loading = true;

  function say(message = "") {
    const all = report.summary.statistics.photos;
    byId("shown").textContent = message || `${number(found)} of ${number(report.photos.length)} photos${loading && report.photos.length < all ? " so far" : ""}`;
    byId("nothing").hidden = loading || found > 0;
    byId("undo").hidden = !filters.isSet(choice);
  }

  function apply() {
    choice = filters.read();
    filters.toAddress(choice);
    const numbers = filters.chosen(choice);
    found = numbers.length;
    photoList.show(numbers);
    tooltip.hide();
    say();
  }

  function grow(first) {
    const numbers = filters.chosen(choice, first);
    found += numbers.length;
    photoList.append(numbers);
    say();
  }

  async function loadAll() {
    byId("photos").setAttribute("aria-busy", "true");
    for (let chunk = 0; chunk < report.summary.chunks; chunk++) {
      const first = report.photos.length;
      await report.load(`data/photos-${chunk}.js`);
      grow(first);
      await new Promise((done) => setTimeout(done));
    }
  }

  function listen() {
    let waiting = 0;
    filters.form.addEventListener("input", (event) => {
      clearTimeout(waiting);
      if (event.target.id === "search") waiting = setTimeout(apply, 120);
      else apply();
    });
    filters.form.addEventListener("submit", (event) => { event.preventDefault(); apply(); });
    filters.form.addEventListener("reset", () => setTimeout(apply));
    byId("clear").addEventListener("click", () => { filters.form.reset(); byId("search").focus(); });
    addEventListener("hashchange", () => { filters.fromAddress(); apply(); });
    for (const link of document.querySelectorAll(".skip")) {
      link.addEventListener("click", (event) => {
        event.preventDefault();
        if (link.dataset.skip === "photos") photoList.goTo(0);
        else byId("search").focus();
      });
    }
  }

  if (!report.summary) {
    byId("source").textContent = "data/summary.js is missing: copy the whole folder of the report.";
    return;
  }
  summaryView.show(report.summary);
  filters.fromAddress();
  listen();
  apply();
  (report.alone ? Promise.resolve() : loadAll()).then(
    () => { loading = false; say(); },
    (error) => { loading = false; say(error.message); },
  ).finally(() => byId("photos").removeAttribute("aria-busy"));
})();
