"""The denylist: what sentikit keeps off people by default, and the files that replace it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentikit import ANP, Denylist, SentikitError
from sentikit.affect.denylist import singular
from sentikit.english import wordnet

BUNDLED = Denylist.load()


@pytest.mark.parametrize(
    "anp",
    [
        *("sexy girls", "sexy woman", "sexy dress", "cute butt", "gorgeous legs", "naked man", "attractive girls"),
        *("abused woman", "abused dog", "dead man", "dead people", "dying child", "dead cat", "undead lady"),
        *("stupid people", "fat nerd", "ugly face", "lazy children", "dumb kid", "bad boys", "crazy crowd", "hot guy"),
        *("sick teen", "bloody face", "depressed student", "grieving mothers", "disabled woman", "pregnant lady"),
        *("shy muslim", "proud lesbian", "african boy", "christian family", "black man", "rich ladies", "poor folks"),
        *("dark skin", "illegal party", "arrested teen", "violent police", "chubby baby", "skinny surfers"),
        *("abandoned children", "cloudy people", "delicious girl", "golden child", "broken businessmen"),
        *("holy spirit", "illegal drugs", "lost weight", "heavy duty", "amazing trip", "haunted horror", "hot sex"),
        *("waiting driver", "outdoor pool", "super car", "traveling friends", "awful lot", "wrong side"),
    ],
)
def test_denied_by_default(anp: str) -> None:
    assert BUNDLED.denies(ANP.parse(anp))
    assert Denylist.none().denies(ANP.parse(anp)) is None


@pytest.mark.parametrize(
    "anp",
    [
        *("beautiful woman", "happy family", "smiling children", "cute baby", "pretty girl", "little boy", "young man"),
        *(
            "brave soldier",
            "proud father",
            "attractive lady",
            "handsome guy",
            "funny face",
            "bright eyes",
            "warm smile",
        ),
        *("golden hair", "black hair", "wet hair", "tired worker", "friendly police", "muddy legs", "elegant lady"),
        *("dead tree", "dying leaves", "dead grass", "dirty window", "hot coffee", "delicious food", "ugly building"),
        *("crazy hat", "stupid sign", "lonely street", "sad dog", "haunted house", "misty morning", "abandoned car"),
        *("poor dog", "christian church", "ancient castle", "cold water", "stormy sky", "angry bird", "bad road"),
    ],
)
def test_allowed_by_default(anp: str) -> None:
    assert BUNDLED.denies(ANP.parse(anp)) is None


@pytest.mark.parametrize("polarity", ["any", "positive", "negative"])
@pytest.mark.parametrize("adjective", ["stupid", "bad", "ugly", "crazy", "dumb", "mad", "silly", "weird", "nasty"])
@pytest.mark.parametrize(
    "noun",
    [
        *("man", "girls", "granddad", "horsemen", "picnickers", "trucker", "missus", "stuntman", "waitress", "cellist"),
        *("equestrian", "sunbather", "busker", "dog", "puppies", "geese", "mice", "deer", "pelican", "horses", "pets"),
    ],
)
def test_no_living_thing_is_insulted(adjective: str, noun: str, polarity: str) -> None:
    anp = ANP(adjective, noun)
    assert BUNDLED.denies(anp, polarity)
    assert Denylist.none().denies(anp, polarity) is None


def test_groups_of_living_things_are_there_for_every_denylist(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('[[rule]]\nreason = "not on animals"\nadjectives = ["fat"]\nnouns = ["@animals"]\n')
    own = Denylist.load(path)
    assert own.denies(ANP("fat", "pelicans")) == "not on animals"
    assert own.denies(ANP("fat", "cellist")) is None


def test_nouns_of_things_are_not_living() -> None:
    things = {"sign", "street", "toaster", "planter", "controller", "statue", "car", "teddy", "roller", "keyboard"}
    assert not things & (wordnet.nouns("person") | wordnet.nouns("animal"))


@pytest.mark.parametrize("anp", ["sad man", "crying baby", "angry face", "scared girls", "lonely women"])
def test_distress_is_for_those_who_ask_for_it(anp: str) -> None:
    assert BUNDLED.denies(ANP.parse(anp), "any")
    assert BUNDLED.denies(ANP.parse(anp), "positive")
    assert BUNDLED.denies(ANP.parse(anp), "negative") is None


def test_minors_are_people_and_more_is_kept_off_them() -> None:
    assert BUNDLED.denies(ANP("attractive", "woman")) is None
    assert BUNDLED.denies(ANP("attractive", "schoolgirls"))
    assert BUNDLED.denies(ANP("stupid", "schoolgirls"))


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_a_file_replaces_the_bundled_list(tmp_path: Path) -> None:
    text = """
    [groups]
    men = ["man", "Guy"]
    people = ["woman", "@men"]
    nice = ["nice", "kind"]
    [[rule]]
    reason = "one"
    adjectives = ["@nice", "good"]
    nouns = ["@people"]
    except_nouns = ["guy"]
    [[rule]]
    reason = "two"
    nouns = ["traffic"]
    unless_polarity = "positive"
    [[rule]]
    reason = "three"
    adjectives = ["blue"]
    """
    denylist = Denylist.load(write(tmp_path / "deny.toml", text))
    assert denylist.name == "deny.toml"
    reasons = {
        "kind men": "one",
        "good woman": "one",
        "nice guys": None,
        "bad man": None,
        "busy traffic": "two",
        "blue sky": "three",
        "stupid man": None,
    }
    assert {anp: denylist.denies(ANP.parse(anp)) for anp in reasons} == reasons
    assert denylist.denies(ANP("busy", "traffic"), "positive") is None
    assert denylist.denies(ANP("busy", "traffic"), "negative") == "two"


RULE = '[[rule]]\nreason = "x"\n'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[[rule]\n", "is not TOML: expected"),
        ("", "has no rules"),
        ('rule = "x"', "has no rules"),
        ("[rules]\n", 'unknown key "rules"; a denylist has only'),
        ('groups = ["man"]\n' + RULE, "groups: it is not a table"),
        ('[groups]\nmen = "man"\n' + RULE, 'group "men": it is not a list of words'),
        ('[groups]\nmen = ["@people"]\n' + RULE, 'group "men": no group "people" is defined above it'),
        (RULE, "rule 1: it has neither adjectives nor nouns"),
        (RULE + 'nouns = ["man"]\n[[rule]]\nnouns = ["man"]\n', "rule 2: its reason is missing"),
        (RULE + 'noun = ["man"]\n', 'rule 1: unknown key "noun"'),
        (RULE + "nouns = [5]\n", "rule 1, nouns: 5 is not one word"),
        (RULE + 'nouns = ["old man"]\n', 'rule 1, nouns: "old man" is not one word'),
        (RULE + "nouns = []\n", "rule 1, nouns: it is not a list of words"),
        (RULE + 'nouns = ["@peple"]\n', 'rule 1, nouns: no group "peple"'),
        (RULE + 'nouns = ["man"]\nunless_polarity = "any"\n', 'rule 1: unless_polarity is "any", not'),
    ],
)
def test_errors_are_one_sentence_with_the_place(tmp_path: Path, text: str, reason: str) -> None:
    path = write(tmp_path / "deny.toml", text)
    with pytest.raises(SentikitError) as error:
        Denylist.load(path)
    assert reason in str(error.value)
    assert str(error.value).startswith(str(path))
    assert "\n" not in str(error.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SentikitError, match="it does not exist"):
        Denylist.load(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("one", "many"),
    [
        *(("man", "men"), ("policewoman", "policewomen"), ("child", "children"), ("grandchild", "grandchildren")),
        *(("person", "people"), ("lady", "ladies"), ("movie", "movies"), ("zombie", "zombies"), ("dish", "dishes")),
        *(("actress", "actresses"), ("foot", "feet"), ("leaf", "leaves"), ("wife", "wives"), ("witch", "witches")),
        *(("bus", "buses"), ("glass", "glasses"), ("fox", "foxes"), ("boy", "boys"), ("toe", "toes"), ("pie", "pies")),
        *(("passerby", "passersby"), ("hero", "heroes"), ("nurse", "nurses"), ("walrus", "walrus")),
    ],
)
def test_a_noun_and_its_plural_are_one(one: str, many: str) -> None:
    assert singular(one) == singular(many)


def test_different_nouns_stay_different() -> None:
    nouns = ["man", "omen", "specimen", "woman", "human", "child", "bus", "gas", "glass", "grass", "leg", "lens", "us"]
    assert len(set(map(singular, nouns))) == len(nouns)


@given(st.text("abcdgklmnoprty", min_size=2, max_size=8).filter(lambda noun: not noun.endswith("y")))
def test_adding_an_s_changes_nothing(noun: str) -> None:
    assert singular(noun + "s") == singular(noun) == noun
