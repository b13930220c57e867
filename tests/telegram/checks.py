"""What makes a request wrong whatever the state: aiogram's types first, then the limits that only the Bot API's pages tell.

Knows nothing of the bot under test: limits are from https://core.telegram.org/bots/api and what the real server answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from aiogram.enums import ChatAction, UpdateType
from aiogram.types import BufferedInputFile
from pydantic import BaseModel, ValidationError

from tests.telegram.asked import MODELS, Asked, Upload, wrong
from tests.telegram.richtext import Rich, Unparsable, link_fault, read, trimmed, units

Rule: TypeAlias = Callable[[Asked], None]
LONGEST_TEXT, LONGEST_CAPTION, LONGEST_NOTICE, LONGEST_DATA = 4096, 1024, 200, 64
MOST_BUTTONS, MOST_IN_ROW, MOST_COMMANDS = 100, 8, 100
LARGEST = {"document": 50 << 20, "photo": 10 << 20}
# What a button does, one of these each.
ACTIONS = (
    "callback_data", "url", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay",
)  # fmt: skip
UPDATES = frozenset(UpdateType)
PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"


def check(asked: Asked) -> None:
    """Raises Refused, as wrong, where the request breaks a rule."""
    _typed(asked)
    for rule in RULES.get(asked.method, ()):
        rule(asked)


def _typed(asked: Asked) -> None:
    kind = MODELS[asked.method]
    parts = {name: BufferedInputFile(upload.data, upload.name) for name, upload in asked.files.items() if name in kind.model_fields}
    try:
        model = kind.model_validate({**asked.params, **parts})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        raise wrong(f"parameter {'.'.join(map(str, first['loc']))}: {first['type']}") from None
    for name in _unknown(model):
        raise wrong(f"unknown parameter {name}")
    named = {value.removeprefix("attach://") for value in _strings(asked.params) if value.startswith("attach://")}
    if named - set(asked.files) or set(asked.files) - named - set(parts):
        raise wrong("files and the parameters that name them do not match")


def _unknown(value: object) -> Iterator[str]:
    if isinstance(value, BaseModel):
        yield from value.model_extra or ()
        for name in value.model_fields_set:
            yield from _unknown(getattr(value, name, None))
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _unknown(part)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _strings(part)
    elif isinstance(value, Iterable) and not isinstance(value, bytes):
        for part in value:
            yield from _strings(part)


# -- texts -----------------------------------------------------------------------------------------------------------


def rich(params: Mapping[str, Any], name: str) -> Rich:
    """A text as it is shown. Raises Refused where it cannot be parsed."""
    source, mode = params.get(name) or "", params.get("parse_mode") or ""
    given = params.get("entities" if name == "text" else "caption_entities")
    if not mode:
        return trimmed(Rich(text=source, entities=_given(source, given or ())))
    if mode.lower() != "html":
        raise wrong("unsupported parse_mode (this server reads HTML alone)")
    if given:
        raise wrong("entities beside a parse_mode would be ignored")
    try:
        return read(source)
    except Unparsable as error:
        raise wrong(f"can't parse entities: {error}") from None


def _given(source: str, entities: Iterable[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    size = units(source)
    for entity in entities:
        if entity["offset"] < 0 or entity["length"] <= 0 or entity["offset"] + entity["length"] > size:
            raise wrong("entity begins or ends outside of the text")
    return tuple(entities)


def _text(asked: Asked) -> None:
    if not asked.get("text"):
        raise wrong("message text is empty")
    size = units(rich(asked.params, "text").text)
    if not size:
        raise wrong("text must be non-empty")
    if size > LONGEST_TEXT:
        raise wrong("message is too long")


def _caption(asked: Asked) -> None:
    if units(rich(asked.params, "caption").text) > LONGEST_CAPTION:
        raise wrong("message caption is too long")


def _notice(asked: Asked) -> None:
    if units(asked.get("text", "")) > LONGEST_NOTICE:
        raise wrong("MESSAGE_TOO_LONG")
    if asked.get("url"):
        raise wrong("URL_INVALID")


def _action(asked: Asked) -> None:
    if asked.get("action") not in set(ChatAction):
        raise wrong("wrong parameter action in request")


# -- keyboards -------------------------------------------------------------------------------------------------------


def _keyboard(asked: Asked) -> None:
    rows = (asked.get("reply_markup") or {}).get("inline_keyboard", [])
    if sum(map(len, rows)) > MOST_BUTTONS or any(len(row) > MOST_IN_ROW for row in rows):
        raise wrong("reply markup is too long")
    for row in rows:
        for button in row:
            _button(button)


def _button(button: Mapping[str, Any]) -> None:
    if not button["text"].strip():
        raise wrong("can't parse inline keyboard button: text is empty")
    does = [action for action in ACTIONS if button.get(action) is not None]
    if len(does) != 1:
        raise wrong("can't parse inline keyboard button: a button does exactly one thing")
    if "callback_data" in does and not 1 <= len(button["callback_data"].encode("utf-8", "surrogatepass")) <= LONGEST_DATA:
        raise wrong("BUTTON_DATA_INVALID")
    if "url" in does and (fault := link_fault(button["url"])):
        raise wrong(f"inline keyboard button URL is invalid: {fault}")


def _place(asked: Asked) -> None:
    if asked.get("inline_message_id") or asked.get("chat_id") is None or asked.get("message_id") is None:
        raise wrong("message identifier is not specified")


# -- files -----------------------------------------------------------------------------------------------------------


def upload(asked: Asked, name: str, given: Any) -> Upload | None:
    """The file that came with the request under this name or by this `attach://`; None where it is one sent before."""
    if isinstance(given, str) and given.startswith("attach://"):
        return asked.files[given.removeprefix("attach://")]
    return asked.files.get(name)


def _file(name: str) -> Rule:
    def rule(asked: Asked) -> None:
        if asked.get(name) is None and name not in asked.files:
            raise wrong(f"there is no {name} in the request")
        if sent := upload(asked, name, asked.get(name)):
            _sound(name, sent)

    return rule


def _sound(kind: str, sent: Upload) -> None:
    if not sent.data:
        raise wrong("file must be non-empty")
    if len(sent.data) > LARGEST.get(kind, LARGEST["document"]):
        raise wrong("file is too big")
    if not sent.name:
        raise wrong("a file without a name")
    if kind == "photo":
        _picture(sent.data)


def _picture(data: bytes) -> None:
    if not data.startswith((PNG, JPEG)):
        raise wrong("IMAGE_PROCESS_FAILED")
    if data.startswith(PNG):
        width, height = (int.from_bytes(data[start : start + 4], "big") for start in (16, 20))
        if not width or not height or width + height > 10_000 or max(width, height) > 20 * min(width, height):
            raise wrong("PHOTO_INVALID_DIMENSIONS")


def _album(asked: Asked) -> None:
    media = asked.params["media"]
    if not 2 <= len(media) <= 10:
        raise wrong("an album has 2 to 10 files")
    kinds = {item["type"] for item in media}
    if len(kinds) > 1 and kinds & {"document", "audio"}:
        raise wrong("documents and audio can't be in an album with anything else")
    for item in media:
        if units(rich(item, "caption").text) > LONGEST_CAPTION:
            raise wrong("message caption is too long")
        if sent := upload(asked, "", item["media"]):
            _sound(item["type"], sent)


# -- the bot itself --------------------------------------------------------------------------------------------------


def _language(asked: Asked) -> None:
    if not re.fullmatch(r"([a-z]{2})?", asked.get("language_code") or ""):
        raise wrong("invalid language code specified")


def _commands(asked: Asked) -> None:
    commands = asked.params["commands"]
    if len(commands) > MOST_COMMANDS:
        raise wrong("BOT_COMMANDS_TOO_MUCH")
    if not all(re.fullmatch(r"[a-z0-9_]{1,32}", each["command"]) for each in commands):
        raise wrong("BOT_COMMAND_INVALID")
    if not all(1 <= units(each["description"].strip()) <= 256 for each in commands):
        raise wrong("BOT_COMMAND_DESCRIPTION_INVALID")
    if len({each["command"] for each in commands}) < len(commands):
        raise wrong("BOT_COMMAND_INVALID: the same command twice")


def _at_most(name: str, most: int) -> Rule:
    def rule(asked: Asked) -> None:
        if units(asked.get(name) or "") > most:
            raise wrong(f"{name} is too long")

    return rule


def _allowed(asked: Asked) -> None:
    if set(asked.get("allowed_updates") or ()) - UPDATES:
        raise wrong("unknown kind in allowed_updates")


def _hook(asked: Asked) -> None:
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", asked.get("secret_token") or ""):
        raise wrong("secret token contains unallowed characters")
    if asked.params["url"] and not re.match(r"https?://[^\s/]+", asked.params["url"]):
        raise wrong("bad webhook: an HTTPS URL must be provided for webhook")
    if not 1 <= asked.get("max_connections", 40) <= 100:
        raise wrong("bad webhook: max_connections is 1 to 100")


RULES: Mapping[str, tuple[Rule, ...]] = {
    "getUpdates": (_allowed,),
    "setWebhook": (_hook, _allowed),
    "sendMessage": (_text, _keyboard),
    "editMessageText": (_place, _text, _keyboard),
    "editMessageReplyMarkup": (_place, _keyboard),
    "answerCallbackQuery": (_notice,),
    "sendChatAction": (_action,),
    "sendDocument": (_file("document"), _caption, _keyboard),
    "sendPhoto": (_file("photo"), _caption, _keyboard),
    "sendMediaGroup": (_album,),
    "setMyCommands": (_commands, _language),
    "getMyCommands": (_language,),
    "deleteMyCommands": (_language,),
    "setMyDescription": (_at_most("description", 512), _language),
    "getMyDescription": (_language,),
    "setMyShortDescription": (_at_most("short_description", 120), _language),
    "getMyShortDescription": (_language,),
    "setMyName": (_at_most("name", 64), _language),
    "getMyName": (_language,),
}
