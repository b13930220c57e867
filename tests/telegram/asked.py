"""One request as it came over HTTP: which method, its parameters with JSON read, the files sent along; and how one is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from aiogram import methods
from aiogram.client.default import Default
from aiogram.types import InputFile
from aiohttp import web

METHODS = (
    "getMe", "getUpdates", "setWebhook", "deleteWebhook", "getWebhookInfo", "sendMessage", "editMessageText",
    "editMessageReplyMarkup", "deleteMessage", "answerCallbackQuery", "sendChatAction", "sendDocument", "sendPhoto",
    "sendMediaGroup", "setMyCommands", "getMyCommands", "deleteMyCommands", "setMyDescription", "getMyDescription",
    "setMyShortDescription", "getMyShortDescription", "setMyName", "getMyName", "getFile", "logOut", "close", "getChat",
    "leaveChat",
)  # fmt: skip
MODELS: Mapping[str, type[methods.TelegramMethod[Any]]] = {
    name: getattr(methods, name[0].upper() + name[1:]) for name in METHODS
}
# Telegram does not mind the case of a method's name.
NAMES = {name.lower(): name for name in METHODS}


class Refused(Exception):
    """A request that is not carried out. `wrong`: it can never be right, rather than being out of step with the state."""

    def __init__(self, code: int, description: str, *, wrong: bool = False, **parameters: Any) -> None:
        super().__init__(description)
        self.code, self.description, self.wrong, self.parameters = code, description, wrong, parameters

    @property
    def rule(self) -> str:
        """What it is about, without anything that somebody wrote."""
        return re.sub(r'"[^"]*"', '"…"', self.description)


def wrong(description: str) -> Refused:
    """A request that breaks a rule of the Bot API."""
    return Refused(400, f"Bad Request: {description}", wrong=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Upload:
    """A file as it was sent."""

    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One request. `files` are by the name of their part."""

    method: str
    params: Mapping[str, Any] = field(default_factory=dict, repr=False)
    files: Mapping[str, Upload] = field(default_factory=dict, repr=False)

    def get(self, name: str, otherwise: Any = None) -> Any:
        """A parameter, or what stands for it where it was not given."""
        return self.params.get(name, otherwise)


async def read(request: web.Request, method: str) -> Asked:
    """The request's parameters, from its address and its body, whichever of Telegram's four ways they came."""
    params: dict[str, Any] = dict(request.query)
    files: dict[str, Upload] = {}
    if request.content_type == "application/json":
        try:
            params |= await request.json()
        except (ValueError, TypeError):
            raise wrong("can't parse the body as a JSON object") from None
    else:
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                with value.file as file:
                    files[name] = Upload(name=value.filename, data=file.read())
            else:
                params[name] = value
    texts = _texts(method)
    return Asked(
        method=method,
        params={name: value if name in texts else _loaded(value) for name, value in params.items()},
        files=files,
    )


def _loaded(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


@cache
def _texts(method: str) -> frozenset[str]:
    """The parameters that are a string as it stands, even if it looks like JSON."""
    return frozenset(name for name, known in MODELS[method].model_fields.items() if _is_text(known.annotation))


def _is_text(annotation: Any) -> bool:
    parts = get_args(annotation) if get_origin(annotation) in {Union, UnionType} else (annotation,)
    return all(isinstance(part, type) and issubclass(part, (str, NoneType, Default, InputFile)) for part in parts)
