"use strict";
/* The data of the report, as the files of data/ bring them. Names from the data are never keys of an object. */

const report = {
  summary: null,
  anps: [],
  photos: [],
  attention: new Map(),
  alone: !document.querySelector('script[src="assets/data.js"]'),

  addSummary(summary) {
    report.summary = summary;
    report.anps = summary.anps.map(([adjective, noun, polarity, valence]) => ({ name: `${adjective} ${noun}`, polarity, valence }));
  },

  addPhotos(first, rows) {
    rows.forEach((row, place) => {
      const [id, file, problem, picture, captions, tags, looked] = row;
      const number = first + place;
      const source = picture && (picture[2] || `photos/${Math.floor(number / 1000)}/${number}.jpg`);
      report.photos[number] = {
        number, id, file, problem: problem || "", captions: captions.map(report.caption), tags, looked: Boolean(looked),
        picture: picture ? { width: picture[0], height: picture[1], source } : null,
      };
    });
  },

  /* pieces: text, and [word, ANP, probability] for each inserted adjective. plain: 0 where it is the same. */
  caption([pieces, plain, score]) {
    return { pieces, plain, score, edits: pieces.filter(Array.isArray) };
  },

  addAttention(rows) {
    for (const [number, words, height, width, maps] of rows) report.attention.set(number, { words, height, width, maps });
  },

  load(source) {
    return new Promise((done, fail) => {
      const script = document.createElement("script");
      script.src = source;
      script.onload = () => { script.remove(); done(); };
      script.onerror = () => { script.remove(); fail(new Error(`${source} is missing or cannot be read: copy the whole folder of the report.`)); };
      document.head.append(script);
    });
  },
};
