"""Numbers for one's own country: asked and never assumed, on one screen, for what is the matter, and forgotten again."""

from __future__ import annotations

import functools

import pytest

from bot.app import build, content
from bot.content.check import check
from bot.content.loader import ROOT
from bot.content.render import LONGEST, labels, render
from bot.conversation.advance import advance
from bot.conversation.book import Book
from bot.conversation.events import Alarmed, Called, Opened, Tapped, Typed
from bot.conversation.facts import ENTRIES, NUDGES, PROGRESS, Consent, Facts
from bot.conversation.walk import Turn
from bot.handlers import book
from bot.handlers.safety import CARDS
from bot.understanding.crisis import assess
from tests import confirmed
from tests.kernel import START, keys, new_id, parts, screen, text_of
from tests.person import Person, at_first_question, remembered

ALARM = {card.category: card.name for card in CARDS if card.category not in ("asked", "said_no")}
FITS = {
    "suicide": ("Samaritans", "116 123"),
    "self_harm": ("Samaritans", "116 123"),
    "harm_to_others": ("Samaritans", "116 123"),
    "abuse": ("National Domestic Abuse Helpline", "0808 2000 247"),
    "sexual_assault": ("Rape Crisis England & Wales", "0808 500 2222"),
    "eating_disorder": ("Beat", "0808 801 0677"),
}


@functools.cache
def with_numbers() -> Book:
    return book(parts().pack, parts().library.languages, confirmed.lines(), parts().shelf, parts().guide)


def first() -> Turn:
    nothing = {NUDGES: None, ENTRIES: None}
    return advance(with_numbers(), None, Opened(id=new_id()), Facts(now=START, papers=nothing))


def then(turn: Turn, event: object) -> Turn:
    return advance(with_numbers(), turn.session, event, turn.facts)  # type: ignore[arg-type]


def tapped(turn: Turn, *keys: str) -> Turn:
    for key in keys:
        assert key in {o.key for o in turn.prompt.options} | set(turn.prompt.nav), (key, screen(turn))
        turn = then(turn, Tapped(id=new_id(), turn=turn.session.turn, key=key))
    return turn


def adult() -> Turn:
    return tapped(first(), "adult", "full")


def alarm(turn: Turn, category: str, tier: str = "urgent") -> Turn:
    return then(turn, Alarmed(id=new_id(), tier=tier, category=category))


# -- offered only where there is something to show -------------------------------------------------------------------


def test_with_the_shipped_file_no_country_is_asked_for_and_help_is_named_all_the_same():
    assert not {"country", "numbers"} & parts().book.dialogs["safety"].steps.keys()
    turn = advance(parts().book, None, Called(id=new_id(), command="sos"), Facts(now=START))
    assert "numbers" not in keys(turn)
    assert "local emergency number" in text_of(turn)
    assert "findahelpline.com" in text_of(turn)


@pytest.mark.parametrize("category", ALARM)
def test_every_card_offers_them_once_there_are_any(category):
    turn = alarm(adult(), category)
    assert screen(turn) == ("safety", ALARM[category])
    assert keys(turn)[0] == "numbers"
    assert "local emergency number" in text_of(turn), "nothing is assumed before the question"
    assert "911" not in text_of(turn)


@pytest.mark.parametrize("category", FITS)
def test_the_card_of_a_country_has_the_lines_for_what_is_the_matter(category):
    turn = tapped(alarm(adult(), category), "numbers", "GB")
    assert screen(turn) == ("safety", "numbers")
    shown = text_of(turn)
    assert all(words in shown for words in (*FITS[category], "United Kingdom", "999", "findahelpline.com"))
    others = {words for name, row in FITS.items() if name != category for words in row} - set(FITS[category])
    assert not [words for words in others if words in shown]


def test_who_is_too_young_finds_lines_for_young_people_and_the_way_back():
    turn = tapped(first(), "minor", "numbers", "GB")
    assert "Childline" in text_of(turn)
    turn = tapped(turn, "on")
    assert screen(turn) == ("welcome", "minor")
    asked = tapped(alarm(adult(), "minor"), "yes", "numbers", "US", "on")
    assert screen(asked) == ("welcome", "minor")
    assert "adult" not in asked.session.marks


def test_texts_hours_and_sites_stand_beside_the_number():
    assert "988 · 988 Lifeline, or text 988" in text_of(tapped(alarm(adult(), "suicide"), "numbers", "US"))
    assert "911 · emergency" in text_of(tapped(alarm(adult(), "suicide"), "numbers", "MX"))
    assert "Shout: text SHOUT to 85258" in text_of(tapped(alarm(adult(), "suicide"), "numbers", "GB"))
    lines = confirmed.lines()
    timed = lines.countries["US"][1].model_copy(update={"hours": "day and night"})
    one = lines.model_copy(update={"countries": {"US": (timed, timed.model_copy(update={"number": None, "name": ""}))}})
    whole = book(parts().pack, ("en",), one, parts().shelf, parts().guide)
    turn = advance(whole, None, Called(id=new_id(), command="sos"), Facts(now=START))
    for key in ("numbers", "US"):
        turn = advance(whole, turn.session, Tapped(id=new_id(), turn=turn.session.turn, key=key), turn.facts)
    assert "988 · 988 Lifeline (day and night), or text 988" in text_of(turn)
    assert "crisis line: text 988 (day and night)" in text_of(turn)
    assert "local emergency number" in text_of(turn), "what the country lacks, the world stands in for"


# -- chosen ----------------------------------------------------------------------------------------------------------


def test_another_country_leads_to_the_card_for_everywhere():
    turn = tapped(alarm(adult(), "suicide"), "numbers", "world")
    shown = text_of(turn)
    assert "Call your local emergency number" in shown
    assert "findahelpline.com" in shown
    assert not [n for n in ("911", "999", "112", "988") if n in shown]
    assert keys(turn) == ["numbers", "on"]


def test_a_country_is_typed_as_it_is_called():
    prompt = tapped(alarm(adult(), "suicide"), "numbers").prompt
    for words, code in {
        "germany": "DE",
        "United states": "US",
        "usa": "US",
        "uk": "GB",
        "scotland": "GB",
        "new zeland": "NZ",
        "Norway": "NO",
        "Greece": "EU",
        "another country": "world",
    }.items():
        event = parts().reader.event(Typed(id=new_id(), text=words), prompt, "en")
        assert getattr(event, "keys", None) == (code,), words


def test_no_name_of_a_country_raises_an_alarm():
    turn = tapped(alarm(adult(), "suicide"), "numbers")
    for _, phrases in labels(turn.prompt, parts().library, "en"):
        assert [assess(phrase).tier for phrase in phrases] == ["none"] * len(phrases)


def test_countries_are_named_in_the_language_of_the_reader():
    turn = tapped(alarm(adult(), "suicide"), "numbers")
    names = {language: render(turn, parts().library, language)[-1].choices for language in ("en", "de", "ja")}
    assert {lang: next(b.label for b in shown if b.key == "DE") for lang, shown in names.items()} == {
        "en": "Germany",
        "de": "Deutschland",
        "ja": "ドイツ",
    }


def test_the_question_is_one_screen_and_names_no_country_twice():
    for category in (*FITS, "minor"):
        turn = tapped(first(), "minor", "numbers") if category == "minor" else tapped(alarm(adult(), category), "numbers")
        bubbles = render(turn, parts().library, "en")
        names = [button.label for button in bubbles[-1].choices]
        assert len(names) == len(set(names))
        # Two of Discord's menus, and under the hundred buttons of Telegram.
        assert len(names) <= 50
        assert "local emergency number" in bubbles[-1].text


@pytest.mark.parametrize("code", [*confirmed.lines().countries, "world"])
def test_the_card_of_every_country_is_one_message_under_900_characters(code):
    for category in FITS:
        question = tapped(alarm(adult(), category), "numbers")
        if code in keys(question):
            (bubble,) = render(tapped(question, code), parts().library, "en")
            assert len(bubble.text) < LONGEST
            assert bubble.keep


# -- forgotten, or kept as asked -------------------------------------------------------------------------------------


def test_the_country_is_gone_with_the_help():
    turn = tapped(alarm(adult(), "suicide"), "numbers", "DE")
    assert turn.session.marks.get("country") is None
    turn = tapped(turn, "on")
    assert screen(turn) == ("why", "place")
    assert '"DE"' not in repr(turn.session).replace("'", '"')
    again = alarm(turn, "suicide")
    assert "TelefonSeelsorge" not in text_of(again)
    assert keys(again)[0] == "numbers"


def test_another_alarm_meanwhile_keeps_the_country_and_the_way_back():
    turn = tapped(alarm(adult(), "suicide"), "numbers", "DE")
    turn = alarm(turn, "abuse")
    assert screen(turn) == ("safety", "abuse")
    assert "Hilfetelefon" in text_of(turn)
    assert "Safer use" in text_of(turn)
    assert screen(tapped(turn, ":back")) == ("safety", "numbers")


def kept(turn: Turn) -> Turn:
    consent = Consent(purpose=PROGRESS, version=1, at=START)
    return advance(with_numbers(), turn.session, Called(id=new_id(), command="sos"), turn.facts.with_consents((consent,)))


def test_who_asked_to_be_remembered_sees_the_numbers_at_once_the_next_time():
    turn = tapped(kept(adult()), "numbers", "DE", "on")
    assert turn.session.marks["country"] == "DE"
    turn = alarm(turn, "suicide")
    assert "TelefonSeelsorge" in text_of(turn)
    assert "112" in text_of(turn)
    assert "I'm glad you said it" in text_of(turn)
    assert keys(turn)[0] == "elsewhere"
    changed = tapped(turn, "elsewhere", "FR")
    assert "3114" in text_of(changed)
    assert changed.session.marks["country"] == "FR"
    assert "country" not in tapped(changed, "elsewhere", "world").session.marks


def test_the_question_says_what_becomes_of_the_answer():
    assert "forgotten when you leave" in text_of(tapped(alarm(adult(), "suicide"), "numbers"))
    assert "kept with the rest" in text_of(tapped(kept(adult()), "numbers"))


async def test_taking_back_the_yes_forgets_the_country(settings, clock, tmp_path):
    own = settings.model_copy(update={"helplines_file": confirmed.written(tmp_path)})
    runtime = await build(own, clock)
    try:
        person = await remembered(Person(runtime))
        for key in (":sos", "numbers", "DE", "on", ":sos"):
            await person.tap(key)
        assert "TelefonSeelsorge" in person.text
        await person.tap("on")
        await person.call("privacy")
        await person.tap("withdraw_progress")
        await person.tap(":sos")
        assert "TelefonSeelsorge" not in person.text
        await person.call("export")
        assert b'"DE"' not in person.last.files[0].data
    finally:
        await runtime.store.close()


@pytest.mark.parametrize("platform", ["terminal", "telegram", "discord"])
async def test_through_the_whole_runtime_in_words(platform, settings, clock, tmp_path):
    runtime = await build(settings.model_copy(update={"helplines_file": confirmed.written(tmp_path)}), clock)
    try:
        person = await at_first_question(Person(runtime, platform=platform))
        await person.say("i want to kill myself")
        await person.say("numbers for my country")
        assert person.sees("safety.country.text")
        await person.say("brasil")
        assert "CVV" in person.text
        await person.say("change the country")
        await person.say("japan")
        assert "TELL Lifeline" in person.text
        await person.say("go on")
        assert person.sees("intimacy.questions.place.text")
    finally:
        await runtime.store.close()


def test_with_all_lines_confirmed_all_words_are_in_order(tmp_path):
    whole = content(ROOT, confirmed.written(tmp_path))
    assert check(ROOT, whole.book, whole.library, whole.pack) == []
