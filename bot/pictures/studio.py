"""Draws what a turn shows, in a thread: one picture at a time, so that others' turns go on. Logs kinds, never contents."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import date
from functools import partial

from bot.content.library import Library
from bot.content.render import File, brief, plain, speak
from bot.conversation.charts import Chart, Courses, Figure
from bot.conversation.effects import Draw, Effect
from bot.conversation.replies import Say
from bot.log import log
from bot.pictures.axis import ticks
from bot.pictures.draw import Dates, draw

# Who would be the next after these gets the words alone: they say the same, and come at once.
MOST = 8
NAME = "chart"


class Studio:
    """Makes the pictures of a turn. `paint` does the drawing itself."""

    def __init__(self, library: Library, paint: Callable[[Figure, Dates], bytes] = draw) -> None:
        self._library, self._paint = library, paint
        self._easel = asyncio.Lock()
        self._waiting = 0

    async def pictures(self, effects: Iterable[Effect], language: str) -> tuple[File, ...]:
        """The pictures that these effects ask for, in this language. One that cannot be drawn is left out."""
        files: list[File] = []
        for effect in effects:
            if isinstance(effect, Draw) and (data := await self._drawn(effect.chart, language)):
                name = f"{NAME}-{len(files) + 1}.png" if files else f"{NAME}.png"
                files.append(File(name, data, alt=self._words(effect.alt, language), picture=True))
        return tuple(files)

    async def _drawn(self, chart: Chart, language: str) -> bytes:
        if self._waiting >= MOST:
            log("info", "picture_left_out", kind="busy")
            return b""
        self._waiting += 1
        try:
            figure = self._figure(chart, language)
            dates = dated(chart.days, language) if isinstance(chart, Courses) else ()
            async with self._easel:
                return await asyncio.to_thread(self._paint, figure, dates)
        except Exception as error:  # noqa: BLE001 - whatever it is, the reply goes without the picture
            log("warning", "picture_left_out", kind=type(error).__name__)
            return b""
        finally:
            self._waiting -= 1

    def _figure(self, chart: Chart, language: str) -> Figure:
        say = partial(self._words, language=language)
        return chart.said(say)

    def _words(self, say: Say, language: str) -> str:
        return plain(speak(say, self._library, language))


def dated(days: tuple[date, ...], language: str) -> Dates:
    """The days to stand below a chart, as they are written in this language."""
    form, some = ticks(days[0], days[-1])
    return tuple((day, brief(day, form, language)) for day in some)
