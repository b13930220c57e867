"""What Discord's events mean, read off raw payloads: in servers, in direct messages, in private channels, in any locale."""

from __future__ import annotations

from typing import Any

import pytest

from bot.conversation.events import Called, Picked, Sent, Tapped, Typed
from bot.platforms.discord.inbound import MAIL, ONE, OWN, PREFIX, TICKS, TYPE, Act, How, Inbound, Mail, Stranger, Write
from bot.platforms.token import Press, Tokens
from tests.discord.raw import DM, GROUP, GUILD, event, message, said

TOKENS = Tokens(b"k" * 32)


def whose(user: int) -> bytes:
    return str(user).encode()


def custom(key: str, turn: int = 5, *, kept: bool = False, who: int = 7) -> str:
    return PREFIX + TOKENS.seal(whose(who), Press(turn=turn, key=key, kept=kept))


def inbound(locale: str | None = None) -> Inbound:
    return Inbound(opens=lambda user, token: TOKENS.open(whose(user), token), locale=lambda _: locale)


def pressed(key: str, **more: Any) -> Any:
    kept, values = more.pop("kept", False), more.pop("values", None)
    data = {"custom_id": custom(key, kept=kept), "component_type": 2 if values is None else 3}
    more.setdefault("message", message())
    return event(3, data if values is None else {**data, "values": values}, **more)


@pytest.mark.parametrize(("context", "hidden"), [(GUILD, True), (DM, False), (GROUP, True), (None, True)])
def test_only_in_the_bots_own_direct_messages_is_an_answer_not_hidden(context: int | None, hidden: bool) -> None:
    command = {"id": "1", "name": "why", "type": 1}
    for each in (
        event(2, command, context=context),
        pressed("few", context=context),
        event(3, {"custom_id": "c:forged", "component_type": 2}, context=context, message=message()),
        pressed(MAIL, context=context),
        event(5, {"custom_id": custom(""), "components": []}, context=context, message=message()),
        event(5, {"custom_id": "c:forged", "components": []}, context=context),
    ):
        meaning = inbound().read(each)
        assert isinstance(meaning, Act | Stranger | Mail)
        assert meaning.hidden is hidden


def test_a_command_is_a_message_of_its_own() -> None:
    assert inbound().read(event(2, {"id": "1", "name": "why", "type": 1}, locale="pt-BR")) == Act(
        user=7, event=Called(id="100", language="pt-BR", command="why"), hidden=True, how=How.NEW
    )


def test_menus_of_users_and_messages_are_not_ours() -> None:
    assert inbound().read(event(2, {"id": "1", "name": "why", "type": 2})) is None
    assert inbound().read(event(4, {"id": "1", "name": "why", "type": 1})) is None


@pytest.mark.parametrize("locale", ["en-GB", "de", "zh-TW", "xx-future"])
def test_the_locale_is_the_apps(locale: str) -> None:
    meaning = inbound().read(pressed("few", locale=locale))
    assert isinstance(meaning, Act)
    assert meaning.event == Tapped(id="100", language=locale, turn=5, key="few")


def test_a_user_install_in_a_server_without_the_bot_is_like_any_other() -> None:
    meaning = inbound().read(pressed("few", authorizing_integration_owners={"1": "7"}))
    assert isinstance(meaning, Act)
    assert (meaning.how, meaning.hidden) == (How.EDIT, True)


def test_a_message_that_others_can_see_is_never_written_into() -> None:
    meaning = inbound().read(pressed("few", message=message(flags=0)))
    assert isinstance(meaning, Act)
    assert meaning.how is How.NEW
    direct = inbound().read(pressed("few", message=message(flags=0), context=DM))
    assert isinstance(direct, Act)
    assert direct.how is How.EDIT


def test_what_is_kept_keeps_the_button_to_copy_it() -> None:
    mail = {"type": 2, "style": 2, "label": "m", "custom_id": custom(MAIL, kept=True)}
    rows = [{"type": 1, "components": [{**mail, "custom_id": custom("few")}]}, {"type": 1, "components": [mail]}]
    meaning = inbound().read(pressed("few", kept=True, message=message(components=rows)))
    assert isinstance(meaning, Act)
    assert meaning.how is How.KEPT
    assert [row["components"][0]["custom_id"] for row in meaning.left] == [mail["custom_id"]]


def test_ticks_come_together_also_from_several_selects() -> None:
    def select(number: int, *keys: str) -> dict[str, Any]:
        options = [{"label": key, "value": custom(key), "default": key in {"a", "c"}} for key in keys]
        return {"type": 1, "components": [{"type": 3, "custom_id": custom(f"{TICKS}{number}"), "options": options}]}

    rows = [select(0, "a", "b"), select(1, "c", "d")]
    meaning = inbound().read(pressed(f"{TICKS}0", values=[custom("b")], message=message(components=rows)))
    assert isinstance(meaning, Act)
    assert meaning.event == Picked(id="100", language="en-US", turn=5, keys=("b", "c"))
    none = inbound().read(pressed(f"{TICKS}0", values=[], message=message()))
    assert isinstance(none, Act)
    assert none.event == Picked(id="100", language="en-US", turn=5, keys=())


def test_one_choice_from_a_select_is_a_press() -> None:
    meaning = inbound().read(pressed(f"{ONE}0", values=[custom("touch")]))
    assert isinstance(meaning, Act)
    assert meaning.event == Tapped(id="100", language="en-US", turn=5, key="touch")


@pytest.mark.parametrize("value", ["touch", "c:forged", custom("touch", who=8)])
def test_a_value_that_is_not_theirs_makes_it_a_strangers(value: str) -> None:
    assert isinstance(inbound().read(pressed(f"{TICKS}0", values=[value])), Stranger)


def test_somebody_elses_button_is_a_strangers() -> None:
    data = {"custom_id": custom("few", who=8), "component_type": 2}
    meaning = inbound().read(event(3, data, message=message(), locale="de"))
    assert meaning == Stranger(user=7, language="de", hidden=True)


def test_the_adapters_own_buttons() -> None:
    assert inbound().read(pressed(TYPE, kept=True)) == Write(user=7, turn=5, kept=True, language="en-US")
    assert inbound().read(pressed(MAIL)) == Mail(user=7, text="?", language="en-US", hidden=True)
    # They go on in the language of the message that they stand below, whatever the app's is.
    assert inbound().read(pressed(f"{TYPE}.de")) == Write(user=7, turn=5, kept=False, language="de")
    assert inbound().read(pressed(f"{MAIL}.de")) == Mail(user=7, text="?", language="de", hidden=True)
    meaning = inbound().read(pressed(OWN))
    assert isinstance(meaning, Act)
    assert meaning.event == Called(id="100", language="en-US", command="start")


def form(text: str) -> Any:
    label = {"type": 18, "component": {"type": 4, "custom_id": "words", "value": text}}
    row = {"type": 1, "components": [{"type": 4, "custom_id": "words", "value": text}]}
    read = [
        inbound().read(event(5, {"custom_id": custom(""), "components": [part]}, message=message())) for part in (label, row)
    ]
    assert read[0] == read[1]
    return read[0]


def test_words_from_a_form() -> None:
    typed = Typed(id="100", language="en-US", text="my friend", turn=5)
    assert form("my friend") == Act(user=7, event=typed, how=How.EDIT)
    assert form("/Why not").event == Called(id="100", language="en-US", command="why")


@pytest.mark.parametrize(
    ("message", "meant"),
    [
        ({"content": "hello"}, Typed(id="50", text="hello")),
        ({"content": "/Why now"}, Called(id="50", command="why")),
        ({"content": "/ why"}, Typed(id="50", text="/ why")),
        ({"content": "", "sticker_items": [{"id": "1", "name": "s", "format_type": 1}]}, Sent(id="50")),
        ({"content": ""}, Sent(id="50")),
        ({"content": "hello", "type": 19}, Typed(id="50", text="hello")),
    ],
)
def test_direct_messages(message: dict[str, Any], meant: Any) -> None:
    assert inbound().message(said(**message)) == Act(user=7, event=meant, hidden=False)


def test_a_direct_message_is_in_the_language_of_the_last_press() -> None:
    act = inbound(locale="de").message(said(content="ja"))
    assert act is not None
    assert act.event.language == "de"


def test_only_people_who_write_are_heard() -> None:
    assert inbound().message(said(content="pinned", type=6)) is None
    robot = said(content="hello")
    robot.author.bot = True
    assert inbound().message(robot) is None


def test_words_do_not_show_in_a_repr() -> None:
    assert "secret" not in repr(Mail(user=7, text="secret", language=None))
