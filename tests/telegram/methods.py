"""What each method does to the world, and what it answers: a table. Requests that reach it are right in form."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from tests.telegram.asked import Asked, Refused, wrong
from tests.telegram.checks import PNG, rich, upload
from tests.telegram.richtext import Rich
from tests.telegram.world import Chat, HookInfo, Message, StoredFile, World, scoped

Method: TypeAlias = Callable[[World, Asked], Any | Awaitable[Any]]
NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"


# -- messages --------------------------------------------------------------------------------------------------------


def _send_message(world: World, asked: Asked) -> Any:
    chat = world.reach(asked)
    return _written(world, chat, asked, source=asked.params["text"], rich=rich(asked.params, "text")).json()


def _send_document(world: World, asked: Asked) -> Any:
    return _with_file(world, world.reach(asked), asked, "document")


def _send_photo(world: World, asked: Asked) -> Any:
    return _with_file(world, world.reach(asked), asked, "photo")


def _with_file(world: World, chat: Chat, asked: Asked, kind: str, **about: Any) -> dict[str, Any]:
    told = _about(chat, asked)
    file = _file(world, asked, kind, asked.get(kind))
    shown = {"source": asked.get("caption") or "", "rich": rich(asked.params, "caption")}
    return _written(world, chat, asked, about={**told, **about}, file=file, content=_content(kind, file), **shown).json()


def _file(world: World, asked: Asked, kind: str, given: Any) -> StoredFile:
    if sent := upload(asked, kind, given):
        return world.keep(sent)
    if given not in world.files:
        raise wrong("wrong file identifier/HTTP URL specified")
    return world.files[given]


def _content(kind: str, file: StoredFile) -> dict[str, Any]:
    if kind != "photo":
        return {kind: file.json(file_name=file.name)}
    # Only a PNG tells its size right at the beginning; nobody looks at that of others.
    sizes = [int.from_bytes(file.data[start : start + 4], "big") if file.data.startswith(PNG) else 100 for start in (16, 20)]
    return {"photo": [file.json(width=sizes[0], height=sizes[1])]}


def _send_media_group(world: World, asked: Asked) -> Any:
    chat = world.reach(asked)
    group = str(10**9 + len(world.files))
    parts = [
        Asked(method=asked.method, params={**asked.params, **item, item["type"]: item["media"]}, files=asked.files)
        for item in asked.params["media"]
    ]
    for part in parts:
        if part.get("type") not in {"photo", "document"}:
            raise wrong("this server takes photos and documents alone")
        if not part.params["media"].startswith("attach://"):
            _file(world, part, part.params["type"], part.params["media"])
    return [_with_file(world, chat, part, part.params["type"], media_group_id=group) for part in parts]


def _written(world: World, chat: Chat, asked: Asked, about: dict[str, Any] | None = None, **what: Any) -> Message:
    told = _about(chat, asked) if about is None else about
    message = world.write(chat, world.bot, markup=_markup(asked), about=told, **what)
    world.changed(chat)
    return message


def _about(chat: Chat, asked: Asked) -> dict[str, Any]:
    about: dict[str, Any] = {}
    if thread := asked.get("message_thread_id"):
        if thread not in chat.threads:
            raise wrong("message thread not found")
        about |= {"message_thread_id": thread, "is_topic_message": True}
    if reply := asked.get("reply_parameters"):
        found = chat.find(reply["message_id"])
        if found is None and not reply.get("allow_sending_without_reply"):
            raise Refused(400, "Bad Request: message to be replied not found")
        about |= {"reply_to_message": found.json()} if found else {}
    return about


def _markup(asked: Asked) -> dict[str, Any] | None:
    """The keyboard as it will be: without empty rows, and none where nothing is left. Other kinds stay in the request alone."""
    rows = [row for row in (asked.get("reply_markup") or {}).get("inline_keyboard", []) if row]
    return {"inline_keyboard": rows} if rows else None


def _edit_text(world: World, asked: Asked) -> Any:
    message = _editable(world, asked)
    if message.content:
        raise Refused(400, "Bad Request: there is no text in the message to edit")
    return _edited(world, message, asked.params["text"], rich(asked.params, "text"), _markup(asked))


def _edit_markup(world: World, asked: Asked) -> Any:
    message = _editable(world, asked)
    return _edited(world, message, message.source, message.rich, _markup(asked))


def _editable(world: World, asked: Asked) -> Message:
    message = world.reach(asked).find(asked.params["message_id"])
    if message is None:
        raise Refused(400, "Bad Request: message to edit not found")
    if not message.by_bot:
        raise Refused(400, "Bad Request: message can't be edited")
    return message


def _edited(world: World, message: Message, source: str, shown: Rich, markup: dict[str, Any] | None) -> Any:
    if (shown, markup) == (message.rich, message.markup):
        raise Refused(400, NOT_MODIFIED)
    message.change(date=world.date(), source=source, rich=shown, markup=markup)
    world.changed(message.chat)
    return message.json()


def _delete(world: World, asked: Asked) -> Any:
    chat = world.reach(asked)
    message = chat.find(asked.params["message_id"])
    if message is None:
        raise Refused(400, "Bad Request: message to delete not found")
    if not message.by_bot and chat.kind != "private":
        raise Refused(400, "Bad Request: message can't be deleted")
    message.deleted = True
    world.changed(chat)
    return True


def _answer_query(world: World, asked: Asked) -> Any:
    query = world.queries.get(asked.params["callback_query_id"])
    if query is None or query.old or query.answer is not None:
        raise Refused(400, TOO_OLD)
    query.answer = {name: value for name, value in asked.params.items() if name != "callback_query_id"}
    world.pulse.beat()
    return True


def _chat_action(world: World, asked: Asked) -> Any:
    world.reach(asked).actions.append(asked.params["action"])
    world.pulse.beat()
    return True


# -- chats and files -------------------------------------------------------------------------------------------------


def _get_chat(world: World, asked: Asked) -> Any:
    gifts = dict.fromkeys(
        ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"),
        True,  # noqa: FBT003 - the value of each key
    )
    more = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": gifts}
    return {**world.reach(asked).json(), **more}


def _leave(world: World, asked: Asked) -> Any:
    chat = world.reach(asked)
    if chat.kind == "private":
        raise wrong("chat member status can't be changed in private chats")
    chat.standing = "left"
    world.pulse.beat()
    return True


def _get_file(world: World, asked: Asked) -> Any:
    file = world.files.get(asked.params["file_id"])
    if file is None:
        raise wrong("invalid file_id")
    return file.json(file_path=f"files/{file.id}")


# -- updates ---------------------------------------------------------------------------------------------------------


async def _get_updates(world: World, asked: Asked) -> Any:
    world.updates.allow(asked.get("allowed_updates"))
    return await world.updates.poll(asked.get("offset"), asked.get("limit", 100), asked.get("timeout", 0))


def _set_webhook(world: World, asked: Asked) -> Any:
    url = asked.params["url"]
    world.updates.allow(asked.get("allowed_updates"))
    connections, secret = asked.get("max_connections", 40), asked.get("secret_token")
    return _hooked(world, asked, HookInfo(url=url, secret=secret, connections=connections) if url else None)


def _delete_webhook(world: World, asked: Asked) -> Any:
    return _hooked(world, asked, None)


def _hooked(world: World, asked: Asked, hook: HookInfo | None) -> bool:
    if asked.get("drop_pending_updates"):
        world.updates.done(world.updates.waiting)
    world.hook, world.hook_fault = hook, None
    world.updates.hooked = hook is not None
    world.pulse.beat()
    return True


def _webhook_info(world: World, asked: Asked) -> Any:
    hook = world.hook
    told: dict[str, Any] = {"url": hook.url if hook else "", "has_custom_certificate": False}
    told["pending_update_count"] = len(world.updates.waiting)
    if hook:
        told |= {"max_connections": hook.connections, "allowed_updates": sorted(world.updates.allowed)}
    if world.hook_fault:
        told |= {"last_error_date": world.hook_fault[0], "last_error_message": world.hook_fault[1]}
    return told


# -- the bot itself --------------------------------------------------------------------------------------------------


def _get_me(world: World, asked: Asked) -> Any:
    can = {"can_join_groups": True, "can_read_all_group_messages": True, "supports_inline_queries": False}
    more = {"can_connect_to_business": False, "has_main_web_app": False}
    return {**world.bot, **can, **more}


def _set_commands(world: World, asked: Asked) -> Any:
    world.profile.commands[scoped(asked)] = [dict(each) for each in asked.params["commands"]]
    world.pulse.beat()
    return True


def _get_commands(world: World, asked: Asked) -> Any:
    return world.profile.commands.get(scoped(asked), [])


def _delete_commands(world: World, asked: Asked) -> Any:
    world.profile.commands.pop(scoped(asked), None)
    world.pulse.beat()
    return True


def _sets(name: str) -> Method:
    def method(world: World, asked: Asked) -> Any:
        world.profile.texts[name, asked.get("language_code") or ""] = asked.get(name) or ""
        world.pulse.beat()
        return True

    return method


def _gets(name: str) -> Method:
    def method(world: World, asked: Asked) -> Any:
        otherwise = world.bot["first_name"] if name == "name" else ""
        return {name: world.profile.texts.get((name, asked.get("language_code") or ""), otherwise)}

    return method


def _true(world: World, asked: Asked) -> Any:
    return True


TABLE: Mapping[str, Method] = {
    "getMe": _get_me,
    "getUpdates": _get_updates,
    "setWebhook": _set_webhook,
    "deleteWebhook": _delete_webhook,
    "getWebhookInfo": _webhook_info,
    "sendMessage": _send_message,
    "sendDocument": _send_document,
    "sendPhoto": _send_photo,
    "sendMediaGroup": _send_media_group,
    "editMessageText": _edit_text,
    "editMessageReplyMarkup": _edit_markup,
    "deleteMessage": _delete,
    "answerCallbackQuery": _answer_query,
    "sendChatAction": _chat_action,
    "setMyCommands": _set_commands,
    "getMyCommands": _get_commands,
    "deleteMyCommands": _delete_commands,
    "setMyDescription": _sets("description"),
    "getMyDescription": _gets("description"),
    "setMyShortDescription": _sets("short_description"),
    "getMyShortDescription": _gets("short_description"),
    "setMyName": _sets("name"),
    "getMyName": _gets("name"),
    "getFile": _get_file,
    "getChat": _get_chat,
    "leaveChat": _leave,
    "logOut": _true,
    "close": _true,
}
