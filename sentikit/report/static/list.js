"use strict";
/* The list of cards. Cards are made in blocks as a block comes near the view, and taken away when it is far from it. */

const photoList = (() => {
  const BLOCK = 24; // whole rows of one to four columns
  const NEAR = "1200px 0px";
  const container = byId("photos");
  let shown = [];
  let rowHeight = 520;
  let observer = null;

  const columns = (block) => getComputedStyle(block).gridTemplateColumns.split(" ").length;
  const countOf = (block) => Math.min(BLOCK, shown.length - Number(block.dataset.first));

  function estimate(block) {
    block.style.height = `${Math.ceil(countOf(block) / columns(block)) * rowHeight}px`;
  }

  function addCards(block, first) {
    const made = document.createDocumentFragment();
    const end = Number(block.dataset.first) + countOf(block);
    for (let place = first; place < end; place++) made.append(cards.make(report.photos[shown[place]], place, shown.length));
    block.append(made);
  }

  function fill(block) {
    if (block.childElementCount) return;
    addCards(block, Number(block.dataset.first));
    block.style.height = "";
  }

  function empty(block) {
    if (!block.childElementCount || block.contains(document.activeElement)) return;
    const height = block.offsetHeight;
    rowHeight = (height + 20) / Math.ceil(countOf(block) / columns(block));
    block.style.height = `${height}px`;
    block.replaceChildren();
  }

  function watch() {
    return new IntersectionObserver((entries) => {
      for (const entry of entries) (entry.isIntersecting ? fill : empty)(entry.target);
    }, { rootMargin: NEAR });
  }

  function addBlocks() {
    const first = container.childElementCount * BLOCK;
    for (let start = first; start < shown.length; start += BLOCK) {
      const block = element("div", { class: "block", "data-first": start, role: "presentation" });
      container.append(block);
      if (start === 0) fill(block); // at once: what is shown first does not wait for a frame
      else estimate(block);
      observer.observe(block);
    }
  }

  /* Show these photographs, by their numbers, in place of all. */
  function show(numbers) {
    if (observer) observer.disconnect();
    observer = watch();
    shown = numbers;
    container.replaceChildren();
    addBlocks();
  }

  /* Show more photographs after those that are shown. */
  function append(numbers) {
    if (!numbers.length) return;
    const last = container.lastElementChild;
    const before = shown.length;
    shown = shown.concat(numbers);
    if (last && last.childElementCount) addCards(last, before);
    else if (last) estimate(last);
    addBlocks();
    for (const card of container.querySelectorAll(".card")) card.setAttribute("aria-setsize", shown.length);
  }

  /* Focus the card at `place`, which may have to be made first. */
  function goTo(place) {
    if (place < 0 || place >= shown.length) return;
    const block = container.children[Math.floor(place / BLOCK)];
    for (const near of [block.previousElementSibling, block, block.nextElementSibling]) if (near) fill(near);
    const card = block.children[place % BLOCK];
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest" });
    setTimeout(() => { if (document.activeElement === card) card.scrollIntoView({ block: "nearest" }); }, 100); // others came in above
  }

  container.addEventListener("keydown", (event) => {
    const step = { j: 1, k: -1 }[event.key];
    if (!step || event.ctrlKey || event.altKey || event.metaKey) return;
    const card = event.target.closest(".card");
    goTo(card ? Number(card.dataset.place) + step : 0);
    event.preventDefault();
  });

  let width = container.clientWidth;
  new ResizeObserver(() => {
    if (container.clientWidth === width) return;
    width = container.clientWidth;
    const full = [...container.children].find((block) => block.childElementCount);
    if (full) rowHeight = (full.offsetHeight + 20) / Math.ceil(countOf(full) / columns(full));
    for (const block of container.children) if (!block.childElementCount) estimate(block);
  }).observe(container);

  return { show, append, goTo };
})();
