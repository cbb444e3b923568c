"use strict";
/* A photograph's card. */

const cards = (() => {
  const FIRST_TAGS = 5;

  const captionText = (caption) => caption.pieces.map((piece) => (Array.isArray(piece) ? piece[0] : piece)).join("");

  function marked(piece) {
    if (!Array.isArray(piece)) return piece;
    const [word, anp, probability] = piece;
    return element(
      "mark",
      { class: report.anps[anp].polarity, tabindex: "0", "data-anp": anp, "data-probability": probabilityText(probability) },
      word,
    );
  }

  function caption(one) {
    const same = one.edits.length === 0;
    const score = one.score === null ? null : `log-probability ${one.score}`;
    return element(
      "li", {},
      element("p", { class: same ? "text same" : "text", dir: "auto", title: score }, ...one.pieces.map(marked)),
      one.plain === 0 ? null : element("p", { class: "plain", dir: "auto" }, one.plain),
    );
  }

  function tagList(tags) {
    const ranked = tags.every(([, probability]) => probability === null);
    const most = Math.max(...tags.map(([, probability]) => probability || 0)) || 1;
    const items = tags.map(([anp, probability]) => element(
      "li", {}, ranked ? report.anps[anp].name : bar(report.anps[anp].name, (probability || 0) / most, probabilityText(probability)),
    ));
    const list = element("ol", { class: ranked ? "tags ranked" : "tags" }, ...items.slice(0, FIRST_TAGS));
    const section = element("div", {}, element("h4", {}, ranked ? "Top ANPs, by rank" : "Top ANPs"), list);
    if (items.length > FIRST_TAGS) {
      const more = element("button", { type: "button", class: "more" }, `show all ${items.length}`);
      more.addEventListener("click", () => { list.append(...items.slice(FIRST_TAGS)); more.remove(); });
      section.append(more);
    }
    return section;
  }

  function picture(photo) {
    if (!photo.picture) return element("div", { class: "picture" }, element("div", { class: "absent" }, "no picture"));
    const { width, height, source } = photo.picture;
    const said = photo.captions.length ? photo.captions[0].plain || captionText(photo.captions[0]) : "without a caption";
    const image = element("img", { width, height, loading: "lazy", decoding: "async", alt: `Photo ${photo.id}: ${said}` });
    image.src = source;
    return element("div", { class: "picture" }, image);
  }

  function make(photo, place, all) {
    const name = element("p", { class: "name", id: `name-${photo.number}` }, [photo.file, `id ${photo.id}`].filter(Boolean).join(" · "));
    const card = element("article", {
      class: "card", tabindex: "-1", "data-place": place, "aria-posinset": place + 1, "aria-setsize": all, "aria-labelledby": name.id,
    });
    const body = element("div", { class: "body" });
    const shown = report.summary.pictures ? picture(photo) : null;
    if (photo.problem) body.append(element("p", { class: "problem" }, `Failed: ${photo.problem}.`));
    if (photo.captions.length) body.append(element("ul", { class: "captions" }, ...photo.captions.map(caption)));
    if (photo.looked && photo.picture) body.append(attentionView.section(photo, shown));
    if (photo.tags.length) body.append(tagList(photo.tags));
    body.append(name);
    card.append(...[shown, body].filter(Boolean));
    return card;
  }

  return { make, captionText };
})();
