"""`sentikit report` in a real browser, headless Chromium, where it is on the PATH; skipped where it is not."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from support.report_cases import HOSTILE, MAPS, line, save_lines, save_photos

from sentikit.cli import run

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on the PATH to open the report with"),
]

PROBE = """
const ready = async (condition) => { while (!condition()) await new Promise((done) => setTimeout(done, 20)); };
const all = (query) => [...document.querySelectorAll(query)];
const loaded = () => !all("#photos[aria-busy]").length && all(".card, #nothing:not([hidden])").length;
const press = (key) => document.activeElement.dispatchEvent(
    new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
const said = (value) => {
    const made = document.createElement("pre");
    made.id = "probe";
    made.textContent = JSON.stringify(value);
    document.body.append(made);
};
(async () => { await ready(loaded); %s })().then(said, (error) => said({ error: String(error) }));
"""


def browse(page: Path, fragment: str = "", *options: str, folder: Path) -> str:
    """The page's DOM once its scripts have run; with what Chromium says of errors."""
    done = subprocess.run(
        [
            str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--v=0",
            f"--user-data-dir={folder / 'profile'}", "--window-size=1200,900", "--virtual-time-budget=8000",
            *(options or ["--dump-dom"]), f"{page.resolve().as_uri()}{fragment}",
        ],
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert not re.search(r"CONSOLE.*(error|refused|violates)", done.stderr, re.I), done.stderr
    return done.stdout


def probe(folder: Path, code: str, fragment: str = "") -> Any:
    """What `code`, run in a copy of a report once all is loaded, returns."""
    copy = folder.with_name(f"{folder.name}-probed")
    shutil.copytree(folder, copy, dirs_exist_ok=True)
    (copy / "probe.js").write_text(PROBE % code)
    page = copy / "index.html"
    page.write_text(page.read_text().replace("</body>", '<script defer src="probe.js"></script></body>'))
    dom = browse(page, fragment, folder=folder.parent)
    found = re.search(r'<pre id="probe">(.*?)</pre>', dom, re.S)
    assert found, dom[-2000:]
    value = json.loads(html.unescape(found[1]))
    assert not (isinstance(value, dict) and "error" in value), value
    return value


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of six photographs: happy, sad, unchanged, with attention, missing, failed."""
    folder = tmp_path_factory.mktemp("report")
    photos = save_photos(folder / "photos", range(1, 5))
    lines = [line(1), line(2, word="sad"), line(3, word=None), line(4, attention=MAPS), line(5, word=None)]
    results = save_lines(folder / "out.jsonl", *lines)
    failures = folder / "failures.jsonl"
    failures.write_text('{"file": "bad.jpg", "image_id": 6, "reason": "it is damaged"}\n')
    options = ["--images", str(photos), "--failures", str(failures)]
    assert run(["report", str(results), "-o", str(folder / "report"), *options]) == 0
    return folder / "report"


def test_a_page_from_the_disk_shows_everything(small: Path) -> None:
    seen = probe(
        small,
        """return {
            title: document.querySelector("h1").textContent,
            tiles: all("#tiles div").map((tile) => tile.textContent),
            cards: all(".card").map((card) => card.querySelector(".text, .problem").textContent),
            plain: all(".plain").map((one) => one.textContent),
            pictures: await Promise.all(all(".card img").map((image) => image.decode().then(() => image.naturalWidth))),
            alts: all(".card img").map((image) => image.alt),
            bars: all(".card:first-child .bar").map((bar) => bar.textContent),
            widths: all(".card:first-child .fill").map((fill) => fill.style.width),
            shown: document.querySelector("#shown").textContent,
            positions: all(".card").map((card) => card.ariaPosInSet + "/" + card.ariaSetSize),
        };""",
    )
    assert seen["title"] == "out.jsonl"
    assert "photos" in seen["tiles"][0]
    assert "6" in seen["tiles"][0]
    assert seen["cards"][:2] == ["a happy dog on a street", "a sad dog on a street"]
    assert seen["cards"][4:] == ["Failed: its file was not found.", "Failed: it is damaged."]
    assert seen["plain"] == ["a dog on a street"] * 3
    assert seen["pictures"] == [40] * 4
    assert seen["alts"][0] == "Photo 1: a dog on a street"
    assert seen["bars"] == ["happy dog0.500", "wet street0.250"]
    assert seen["widths"] == ["100%", "50%"]
    assert seen["shown"] == "6 of 6 photos"
    assert seen["positions"] == [f"{place}/6" for place in range(1, 7)]


FILTERS = {
    "edited=yes": ["1", "2", "4"],
    "edited=no": ["3", "5", "6"],
    "polarity=negative": ["2"],
    "polarity=unknown": [],
    "failed=yes": ["5", "6"],
    "search=sad+dog&scope=edits": ["2"],
    "search=SAD": ["2"],
    "search=wet&scope=captions": [],
    "search=wet&scope=tags": ["1", "2", "3", "4", "5"],
    "search=3.png&scope=file": ["3"],
    "edited=yes&polarity=positive&search=id+4": ["4"],
    "polarity=nonsense&scope=%3Cb%3E": ["1", "2", "3", "4", "5", "6"],
}
IDS = 'all(".card .name").map((name) => name.textContent.split("id ")[1])'


def test_filters_are_taken_from_the_address(small: Path) -> None:
    assert probe(small, f"return {IDS};", "#edited=yes&polarity=negative") == ["2"]
    found = probe(
        small,
        f"""
        const found = {{}};
        for (const filter of {json.dumps(list(FILTERS))}) {{
            const changed = new Promise((done) => addEventListener("hashchange", done, {{ once: true }}));
            location.hash = filter;
            await changed;
            found[filter] = {IDS};
        }}
        return found;""",
    )
    assert found == FILTERS


def test_filters_by_hand_and_back(small: Path) -> None:
    seen = probe(
        small,
        """
        const count = () => document.querySelector("#shown").textContent + location.hash;
        const seen = [];
        all("#charts button").find((button) => button.textContent.includes("sad dog")).click();
        seen.push(count());
        document.querySelector("#undo").click();
        await ready(() => all(".card").length === 6);
        seen.push(count());
        all("#charts button").find((button) => button.textContent.startsWith("neutral")).click();
        seen.push(count(), document.querySelector("#nothing").hidden);
        document.querySelector("#clear").click();
        await ready(() => all(".card").length === 6);
        return seen;""",
    )
    assert seen == [
        "1 of 6 photos#search=sad+dog&scope=edits", "6 of 6 photos", "0 of 6 photos#polarity=neutral", False,
    ]  # fmt: skip


def test_an_adjective_tells_its_tag_on_focus_and_on_hover(small: Path) -> None:
    seen = probe(
        small,
        """
        const tip = document.querySelector("#tip"), marks = all("mark"), seen = [];
        marks[0].focus();
        seen.push(tip.hidden, tip.textContent, marks[0].getAttribute("aria-describedby"), marks[0].tabIndex);
        press("Escape");
        seen.push(tip.hidden, marks[0].hasAttribute("aria-describedby"));
        document.activeElement.blur();
        marks[1].dispatchEvent(new PointerEvent("pointerover", { bubbles: true }));
        seen.push(tip.hidden, tip.textContent, marks[1].className);
        marks[1].dispatchEvent(new PointerEvent("pointerout", { bubbles: true, relatedTarget: document.body }));
        seen.push(tip.hidden);
        return seen;""",
    )
    assert seen[:6] == [False, "happy dogprobability 0.500, positive (+0.68)", "tip", 0, True, False]
    assert seen[6:] == [False, "sad dogprobability 0.500, negative (-0.53)", "negative", True]


def test_attention_is_drawn_over_the_photograph_of_a_word(small: Path) -> None:
    seen = probe(
        small,
        """
        await ready(() => document.querySelector(".words button"));
        const buttons = all(".words button"), picture = document.querySelector(".picture:has(canvas)");
        const strength = (x, y) => picture.querySelector("canvas").getContext("2d").getImageData(x, y, 1, 1).data[3];
        const seen = [buttons.map((button) => button.textContent), picture.classList.contains("looking")];
        buttons[0].focus();
        seen.push(picture.classList.contains("looking"), strength(1, 1) > 150, strength(38, 22) < 20);
        buttons[1].click();
        buttons[0].blur();
        seen.push(buttons[1].ariaPressed, strength(1, 1) < 20, strength(38, 22) > 150);
        buttons[1].click();
        seen.push(picture.classList.contains("looking"));
        return seen;""",
    )
    assert seen == [["a", "dog"], False, True, True, True, "true", True, True, False]


def test_hostile_text_is_text(tmp_path: Path) -> None:
    hostile = line(1, plain=f"a dog {HOSTILE}", image_id=HOSTILE, file_name=f"{HOSTILE}.png")
    hostile["anps"] = [{"adjective": "<b>", "noun": "__proto__", "probability": 0.5}]
    path = tmp_path / "<img src=x onerror=alert(1)>.jsonl"
    results = save_lines(path, hostile, {**line(2), "attention": {"words": [HOSTILE], "maps": [[[1]]]}})
    save_photos(tmp_path / "photos", range(2, 3))
    options = ["--images", str(tmp_path / "photos")]
    assert run(["report", str(results), "-o", str(tmp_path / "report"), *options]) == 0
    seen = probe(
        tmp_path / "report",
        """await ready(() => document.querySelector(".words button"));
        const text = (query) => document.querySelector(query).textContent;
        return [document.title, text(".text"), all("main img").length, all("b").length,
            text(".words button"), text(".card .label")];""",
    )
    assert seen == [f"{path.name} – sentikit report", hostile["caption"], 1, 0, HOSTILE, "<b> __proto__"]
    assert run(["report", str(results), "-o", str(tmp_path / "report.html"), "--single-file", *options]) == 0
    dom = browse(tmp_path / "report.html", folder=tmp_path)
    assert html.escape(f" dog {HOSTILE}", quote=False) in dom
    assert "<title>broken" not in dom


def test_ten_thousand_photographs_make_few_cards(tmp_path: Path) -> None:
    results = save_lines(
        tmp_path / "out.jsonl", *(line(number, word="sad" if number % 7 else None) for number in range(10_000))
    )
    assert run(["report", str(results), "-o", str(tmp_path / "report")]) == 0
    seen = probe(
        tmp_path / "report",
        """
        const place = () => Number(document.activeElement.dataset.place);
        const seen = [document.querySelector("#shown").textContent, all(".card").length];
        photoList.goTo(23);
        press("j");
        seen.push(place());
        press("k");
        press("k");
        seen.push(place());
        photoList.goTo(9999);
        press("j");
        seen.push(place(), document.activeElement.querySelector(".name").textContent, all(".card").length < 300);
        return seen;""",
    )
    assert seen[0] == "10,000 of 10,000 photos"
    assert seen[1] < 200
    assert seen[2:] == [24, 22, 9999, "9999.png · id 9999", True]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_screenshot_has_the_colours_of_its_scheme(small: Path, tmp_path: Path, scheme: str) -> None:
    picture = tmp_path / "page.png"
    dark = ["--blink-settings=preferredColorScheme=0"] if scheme == "dark" else []
    browse(small / "index.html", "", f"--screenshot={picture}", "--hide-scrollbars", *dark, folder=tmp_path)
    with Image.open(picture) as shot:
        assert shot.convert("RGB").getpixel((2, 2)) == ((252, 251, 248) if scheme == "light" else (26, 25, 24))
        assert shot.convert("RGB").getcolors(10) is None  # something is drawn
