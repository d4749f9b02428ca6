"""What a question means, and the queries that follow from it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connector_sdk import Question, Step, ladder, read_question
from connector_sdk.ladder import variants
from connector_sdk.queries import language

NOW = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)

LANGUAGES = {
    "What is the travel policy?": "en",
    "die casting process": "en",
    "die Meldung": "de",
    "die Urlaubsregelung für Jena": "de",
    "Wo liegt der Schichtplan?": "de",
    "Où sont les notes de frais ?": "fr",
    "politique de télétravail": "fr",
    "¿Dónde están los contratos?": "es",
    "Dove sono i contratti della società?": "it",
    "Waar zijn de contracten van het bedrijf?": "nl",
    "Onde estão os contratos da empresa?": "pt",
    "LX-200": "en",
    "": "en",
}


@pytest.mark.parametrize(("query", "expected"), LANGUAGES.items())
def test_a_question_is_in_a_language(query: str, expected: str) -> None:
    """By its stop words, and by letters and endings where these are few."""
    assert language(query) == expected


READ: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "What is the travel policy for meals?": ((), ("travel", "policy", "meals")),
    "Does the IT policy die?": (("IT",), ("policy", "die")),
    "Wie hoch ist die Pauschale für Reisen?": ((), ("hoch", "Pauschale", "Reisen")),
    "What does Acme Robotics pay for the LX-200?": (("Acme", "Robotics", "LX 200"), ("pay",)),
    'who approved "premium economy" flights': (("premium economy",), ("approved", "flights")),
    "wer hat „Premium Economy“ genehmigt": (("Premium Economy",), ("genehmigt",)),
    "open retry_helper.py please": (("retry helper py",), ("open",)),
    "error 429 of ordering-api.html": (("429", "ordering api html"), ("error",)),
    "getUserName fails": (("getUserName",), ("fails",)),
    "the on-call e-mail": ((), ("on call", "e mail")),
    "What Is The Travel Policy For Meals": ((), ("Travel", "Policy", "Meals")),
    "WHERE IS THE POLICY": ((), ("POLICY",)),
    "Combien la mutuelle rembourse-t-elle ?": ((), ("mutuelle", "rembourse")),
    "l'accord de l'entreprise": ((), ("accord", "entreprise")),
    "出張の旅費規程を教えてください": ((), ("出張", "旅費規程")),
    "公司的差旅政策是什么？": ((), ("公司", "差旅政策")),
    "นโยบายการเดินทางคืออะไร": ((), ("นโยบายการเดินทาง",)),
    "travel OR meals AND NOT gifts": ((), ("travel", "meals", "gifts")),
    "the of a": ((), ("the", "of", "a")),
    "😀 ' \" \\ ^": ((), ()),
}


@pytest.mark.parametrize(("query", "expected"), READ.items(), ids=READ.keys())
def test_names_are_told_from_words(
    query: str, expected: tuple[tuple[str, ...], tuple[str, ...]]
) -> None:
    """Quoted, with capitals where nouns have none, with digits, or the name of a file."""
    found = read_question(query, NOW)
    assert (found.names, found.words) == expected
    assert not found.narrows


@pytest.mark.parametrize(
    ("query", "kinds", "words"),
    [
        ("the slides about coating", ("presentation",), ("coating",)),
        ("die Folien zur Beschichtung", ("presentation",), ("Beschichtung",)),
        ("la présentation sur le revêtement", ("presentation",), ("revêtement",)),
        ("spreadsheet of salaries", ("spreadsheet",), ("salaries",)),
        ("die Tabelle mit Gehältern", ("spreadsheet",), ("Gehältern",)),
        ("le tableur des salaires", ("spreadsheet",), ("salaires",)),
        ("PDF or slides on audit", ("pdf", "presentation"), ("audit",)),
        ("das PDF zur Prüfung", ("pdf",), ("Prüfung",)),
        ("a presentation-layer bug", (), ("presentation layer", "bug")),
        ("report.pdf", (), ()),
    ],
)
def test_kinds_of_file_are_taken_out(
    query: str, kinds: tuple[str, ...], words: tuple[str, ...]
) -> None:
    """In three languages; what only looks like one stays."""
    found = read_question(query, NOW)
    assert (found.kinds, found.words) == (kinds, words)


def test_a_provider_without_kinds_is_asked_for_their_words() -> None:
    """Slack has no slides."""
    assert read_question("slides about coating", NOW, kinds=False).words == ("slides", "coating")


def steps(query: str) -> list[Step]:
    return list(ladder(read_question(query, NOW)))


def test_all_words_then_most_then_any() -> None:
    """Each wider than the one before; the last knows singular and plural."""
    everything, most, some = steps("travel policies for customer meals")
    words = ("travel", "policies", "customer", "meals")
    assert everything == Step(every=words)
    assert (set(most.some), most.least) == (set(words), 3)
    assert some.least == 1
    assert {*words, "policy", "meal"} <= set(some.some)


def test_names_together_come_first() -> None:
    """A phrase, or two names: with any of the other words."""
    first, *_ = steps("What does Acme Robotics pay for calibration?")
    assert first == Step(every=("Acme", "Robotics"), some=("pay", "calibration"), least=1)
    first, *_ = steps("What does Acme pay for calibration?")
    assert first == Step(every=("Acme", "pay", "calibration"))


def test_a_time_or_kind_narrows_first_and_never_last() -> None:
    """Its words may stand in the text as well."""
    found = steps("slides about the coating line in March 2026")
    assert [step.narrowed for step in found] == [True, True, False, False]
    assert found[0].every == found[2].every == ("coating", "line")
    assert {"slides", "March", "2026"} <= set(found[-1].some)


def test_a_question_of_nothing_else_is_narrowed_alone() -> None:
    """What was changed last week, of any content; then its words."""
    found = steps("PDFs from last week")
    assert found[0] == Step(narrowed=True)
    assert set(found[1].some) >= {"PDFs", "last", "week"}


def test_one_word_is_one_step() -> None:
    """And its plural, where it has one."""
    assert steps("LX100") == [Step(every=("LX100",))]
    assert [step.least for step in steps("travel")] == [0, 1]


def test_a_long_question_stays_a_query() -> None:
    """However many words it has; most of them is most of the telling ones."""
    found = steps(" ".join(f"{'w' * (at % 9 + 3)}{chr(97 + at % 26)}" for at in range(300)))
    assert all(len(step.every) <= 24 and len(step.some) <= 36 for step in found)
    assert len(found[1].some) == 5


def test_steps_follow_the_question() -> None:
    """The same question gives the same steps, and an empty one none."""
    assert steps("?!") == []
    assert steps("travel meals") == steps("travel meals")
    assert list(ladder(Question("en", (), ()))) == []


@pytest.mark.parametrize(
    ("term", "spoken", "expected"),
    [
        ("policies", "en", ["policy"]),
        ("policy", "en", ["policies"]),
        ("meals", "en", ["meal"]),
        ("Reklamation", "de", ["Reklamationen"]),
        ("Maschine", "de", ["Maschinen"]),
        ("Fahrrad", "de", ["Fahrräde", "Fahrräder", "Fahrrade", "Fahrraden"]),
        ("Verträge", "de", ["Vertrag", "Verträgen"]),
        ("Häuser", "de", ["Haus", "Häusern"]),
        ("bureaux", "fr", ["bureau"]),
        ("canal", "fr", ["canaux"]),
        ("notas", "es", ["nota"]),
        ("VPN", "en", []),
        ("on call", "en", ["call"]),
        ("差旅政策", "en", ["差旅", "旅政", "政策"]),
    ],
)
def test_a_word_has_another_number(term: str, spoken: str, expected: list[str]) -> None:
    """For providers that find whole words alone."""
    assert variants(term, spoken) == expected
