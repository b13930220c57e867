"""A person in Telegram, who knows only what is on the screen: the server's messages and their buttons."""

from __future__ import annotations

import itertools
from typing import Any

from tests.botapi.server import BotApi, Message, private

_QUERIES = itertools.count(1)


class Someone:
    """One user. Acts, waits for the answer, and looks at it."""

    def __init__(self, api: BotApi, number: int = 77, language: str | None = "en") -> None:
        self.api, self.number = api, number
        self.me = {"id": number, "is_bot": False, "first_name": "Somebody"} | ({"language_code": language} if language else {})
        self.replies: list[str] = []

    # -- acting

    async def say(self, text: str) -> str:
        return await self.does(self.message(text=text))

    async def tap(self, label: str, message: Message | None = None) -> str:
        """Press the button with these words, or whose words hold these."""
        return await self.does(self.press(self.data(label, message), message))

    async def does(self, update: dict[str, Any]) -> str:
        """Do something, and read what is new on the screen."""
        before = self.look()
        await self.api.push(update)
        await self.api.until(lambda: self.look() != before and self.quiet())
        after = self.look()
        return "\n\n".join(text for number, text, _ in after if (number, text) not in {(n, t) for n, t, _ in before})

    def message(self, **content: Any) -> dict[str, Any]:
        where = {"message_id": next(_QUERIES), "date": 1_700_000_000, "chat": private(self.number), "from": self.me}
        return {"message": where | content}

    def press(self, data: str, message: Message | None = None) -> dict[str, Any]:
        query = f"q{next(_QUERIES)}"
        self.api.open_queries.add(query)
        shown = message or self.screen
        return {"callback_query": {"id": query, "from": self.me, "chat_instance": "1", "data": data, "message": shown.json()}}

    # -- looking

    def look(self) -> list[tuple[int, str, int]]:
        return [(m.number, m.file or m.text, m.changes) for m in self.api.shown(self.number)]

    def quiet(self) -> bool:
        """Whether every button but the latest message's is gone, and the press was answered."""
        holders = [m for m in self.api.shown(self.number) if m.markup]
        return len(holders) == 1 and not self.api.open_queries

    @property
    def screen(self) -> Message:
        """The message that has the buttons."""
        return [m for m in self.api.shown(self.number) if m.markup][-1]

    @property
    def labels(self) -> list[str]:
        return list(self.screen.buttons)

    def data(self, label: str, message: Message | None = None) -> str:
        buttons = (message or self.screen).buttons
        found = [data for words, data in buttons.items() if words == label] or [
            data for words, data in buttons.items() if label.casefold() in words.casefold()
        ]
        assert found, f"no such button among {len(buttons)}"
        return found[0]
