"use strict";
/* Which photographs are shown. The choice stands in the address, after the #, so that it can be kept and gone back to. */

const filters = (() => {
  const form = byId("filters");
  const names = ["search", "scope", "edited", "polarity"];
  const defaults = { search: "", scope: "all", edited: "all", polarity: "all" };

  function read() {
    const choice = { failed: byId("failed").checked };
    for (const name of names) choice[name] = byId(name).value;
    choice.words = choice.search.trim().toLowerCase().replace(/\s+/g, " ");
    return choice;
  }

  function isSet(choice) {
    return choice.failed || Boolean(choice.words) || choice.edited !== "all" || choice.polarity !== "all";
  }

  function write(values) {
    for (const name of names) {
      const field = byId(name);
      field.value = values.get(name) || defaults[name];
      if (!field.value) field.value = defaults[name];
    }
    byId("failed").checked = values.get("failed") === "yes";
  }

  const fromAddress = () => write(new URLSearchParams(location.hash.slice(1)));

  function toAddress(choice) {
    const values = new URLSearchParams();
    for (const name of names) if (choice[name].trim() !== defaults[name] && (name !== "scope" || choice.words)) values.set(name, choice[name].trim());
    if (choice.failed) values.set("failed", "yes");
    const hash = values.toString();
    if (hash !== location.hash.slice(1)) history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
  }

  /* What is searched of a photograph, made when it is first searched; pieces are apart by line breaks. */
  function texts(photo) {
    if (!photo.texts) {
      const name = ([anp]) => report.anps[anp].name;
      const captions = photo.captions.flatMap((one) => [cards.captionText(one), one.plain || ""]);
      const parts = {
        captions,
        edits: photo.captions.flatMap((one) => one.edits.map(([, anp]) => report.anps[anp].name)),
        tags: photo.tags.map(name),
        file: [photo.file, `id ${photo.id}`],
      };
      photo.texts = new Map(Object.entries(parts).map(([scope, pieces]) => [scope, pieces.join("\n").toLowerCase()]));
      photo.texts.set("all", [...photo.texts.values()].join("\n"));
    }
    return photo.texts;
  }

  function matches(photo, choice) {
    if (choice.failed && !photo.problem) return false;
    if (choice.edited !== "all" && photo.captions.some((one) => one.edits.length) !== (choice.edited === "yes")) return false;
    if (choice.polarity !== "all" && !photo.captions.some((one) => one.edits.some(([, anp]) => report.anps[anp].polarity === choice.polarity))) return false;
    return !choice.words || texts(photo).get(choice.scope).includes(choice.words);
  }

  /* The numbers of those photographs, from `first` on, that the choice lets through. */
  function chosen(choice, first = 0) {
    const found = [];
    for (let place = first; place < report.photos.length; place++) if (matches(report.photos[place], choice)) found.push(place);
    return found;
  }

  /* Search for an ANP among those that were put in. */
  function chooseAnp(name) {
    write(new URLSearchParams({ search: name, scope: "edits" }));
    form.dispatchEvent(new Event("input"));
  }

  function choosePolarity(polarity) {
    write(new URLSearchParams({ polarity }));
    form.dispatchEvent(new Event("input"));
  }

  return { form, read, isSet, chosen, fromAddress, toAddress, chooseAnp, choosePolarity };
})();
