"use strict";
/* Where a model looked for each word, drawn over the photograph as the figures draw it. */

const attentionView = (() => {
  const LEVELS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const WARM = [[255, 214, 92], [247, 135, 32], [206, 32, 41]];
  const STRENGTH = 0.8;
  const asked = new Map();

  function maps(photo) {
    if (report.alone || report.attention.has(photo.number)) return Promise.resolve(report.attention.get(photo.number));
    const chunk = Math.floor(photo.number / report.summary.chunkSize);
    if (!asked.has(chunk)) asked.set(chunk, report.load(`data/attention-${chunk}.js`));
    return asked.get(chunk).then(() => report.attention.get(photo.number));
  }

  function colour(heat) {
    const step = heat * (WARM.length - 1);
    const low = Math.min(Math.floor(step), WARM.length - 2);
    return WARM[low].map((value, channel) => value + (step - low) * (WARM[low + 1][channel] - value));
  }

  function draw(canvas, { height, width }, map) {
    const small = new ImageData(width, height);
    for (let pixel = 0; pixel < width * height; pixel++) {
      const heat = LEVELS.indexOf(map[pixel]) / (LEVELS.length - 1);
      small.data.set([...colour(heat), 255 * STRENGTH * heat], 4 * pixel);
    }
    const source = element("canvas", { width, height });
    source.getContext("2d").putImageData(small, 0, 0);
    const pen = canvas.getContext("2d");
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.imageSmoothingQuality = "high";
    pen.drawImage(source, 0, 0, canvas.width, canvas.height);
  }

  function buttons(photo, picture, found) {
    const canvas = element("canvas", { width: photo.picture.width, height: photo.picture.height, "aria-hidden": "true" });
    picture.append(canvas);
    let kept = null;
    const made = found.words.map((word, place) => element("button", { type: "button", "aria-pressed": "false", "data-word": place }, word));
    const show = (button) => {
      if (button) draw(canvas, found, found.maps[Number(button.dataset.word)]);
      picture.classList.toggle("looking", Boolean(button));
    };
    for (const button of made) {
      button.addEventListener("pointerenter", () => show(button));
      button.addEventListener("pointerleave", () => show(kept));
      button.addEventListener("focus", () => show(button));
      button.addEventListener("blur", () => show(kept));
      button.addEventListener("click", () => {
        kept = kept === button ? null : button;
        for (const one of made) one.setAttribute("aria-pressed", String(one === kept));
        show(kept);
      });
    }
    return made;
  }

  /* The words of a photograph, each with its map; they come when the maps are loaded. */
  function section(photo, picture) {
    const words = element("div", { class: "words", role: "group", "aria-label": "Where the model looked for each word" });
    maps(photo).then(
      (found) => { if (found) words.append(...buttons(photo, picture, found)); },
      (error) => words.append(error.message),
    );
    return element("div", {}, element("h4", {}, "Where the model looked"), words);
  }

  return { section };
})();
