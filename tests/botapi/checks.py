"""What the Bot API asks of a request, checked without any of Closer's code: aiogram's typed methods, and the rules beside them.

https://core.telegram.org/bots/api, in the parts that aiogram's types do not say: lengths, HTML, buttons.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any

from aiogram import methods
from pydantic import ValidationError

METHODS = {
    made.__api_method__: made
    for made in vars(methods).values()
    if isinstance(made, type) and issubclass(made, methods.TelegramMethod) and made is not methods.TelegramMethod
}
TAGS = {"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "a", "code", "pre", "blockquote", "tg-spoiler", "span"}
FILES = {"document", "photo"}
MOST_BUTTONS = 100


def values(form: Mapping[str, Any]) -> dict[str, Any]:
    """A form as values: what is JSON in it is read."""
    return {name: _value(field) for name, field in form.items()}


def problems(method: str, given: Mapping[str, Any]) -> list[str]:
    """Everything that Telegram would refuse, or ignore without a word."""
    model = METHODS.get(method)
    if model is None:
        return [f"there is no method {method}"]
    found = [f"{method} has no parameter {name}" for name in given if name not in model.model_fields]
    plain = {name: value for name, value in given.items() if name not in FILES}
    files = {name: "a-file-id" for name in given if name in FILES}
    try:
        model.model_validate({**plain, **files})
    except ValidationError as error:
        found += [f"{method}.{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False)]
    return [*found, *_lengths(method, given), *_buttons(given.get("reply_markup"))]


def text_of(markup: str) -> str:
    """What is left of HTML once Telegram has read it. Raises ValueError where it would refuse it."""
    reader = _Html()
    reader.feed(markup)
    reader.close()
    if reader.open:
        raise ValueError("can't parse entities: a tag is not closed")
    bare = re.sub(r"<[^<>]*>|&(lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);", "", markup)
    if "<" in bare or ">" in bare or re.search(r"&(?=[a-z#])", bare):
        raise ValueError("can't parse entities: a character should be escaped")
    return reader.text


def _value(field: Any) -> Any:
    if not isinstance(field, str) or not field.startswith(("{", "[")):
        return field
    try:
        return json.loads(field)
    except ValueError:
        return field


def _lengths(method: str, given: Mapping[str, Any]) -> Iterator[str]:
    if "text" in given and method in {"sendMessage", "editMessageText"}:
        try:
            text = text_of(given["text"]) if given.get("parse_mode") == "HTML" else given["text"]
        except ValueError as error:
            yield str(error)
            return
        if not 1 <= len(text.encode("utf-16-le")) // 2 <= 4096:
            yield "message is empty or too long"
    if method == "answerCallbackQuery" and len(given.get("text", "")) > 200:
        yield "the answer to a callback query is too long"
    for name, most in (("description", 512), ("short_description", 120), ("caption", 1024)):
        if len(given.get(name) or "") > most:
            yield f"{name} is too long"
    for command in given.get("commands") or ():
        if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]) or not 1 <= len(command["description"]) <= 256:
            yield "a command is invalid"


def _buttons(markup: Any) -> Iterator[str]:
    rows = markup.get("inline_keyboard", []) if isinstance(markup, dict) else []
    buttons = [button for row in rows for button in row]
    if len(buttons) > MOST_BUTTONS or any(not row for row in rows):
        yield "the keyboard is too large, or has an empty row"
    for button in buttons:
        if not button.get("text"):
            yield "a button has no text"
        if len([name for name in button if name != "text"]) != 1:
            yield "a button does not one thing"
        if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= 64:
            yield "BUTTON_DATA_INVALID"
        if "url" in button and not re.match(r"https?://[\w.-]+\.\w+(/|$)", button["url"]):
            yield "BUTTON_URL_INVALID"


class _Html(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            raise ValueError(f"can't parse entities: unsupported start tag {tag}")
        if tag == "a" and not dict(attrs).get("href"):
            raise ValueError("can't parse entities: a link leads nowhere")
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise ValueError("can't parse entities: tags are not nested")

    def handle_data(self, data: str) -> None:
        self.text += data
