"""The pages of the web server: health for whoever asks, metrics for whoever is named, privacy in the reader's language."""

from __future__ import annotations

import html
import json
import re
from collections.abc import AsyncIterator, Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from aiohttp import ClientSession

from bot.app import content
from bot.meter import Meter
from bot.metrics import Exposition, Sources
from bot.pages import FORWARDED, Pages, Parts, admitted
from bot.platforms.core import ServiceError
from bot.platforms.web import Route, Web
from bot.ports import StoreError
from bot.privacy_page import Operator, chosen, page
from bot.settings import Settings, SettingsError, networks, read_settings
from tests.nudges.scene import NOON
from tests.pseudo import LANGUAGE

HERE = networks("127.0.0.0/8 ::1")


class Site:
    """The pages on a free port, over parts that a test can break."""

    def __init__(self, settings: Settings, port: int, **changes: Any) -> None:
        read = content(settings.content_dir)
        self.up, self.asked, self.fault = {"telegram": True, "discord": True}, 0, None
        sources = Sources(meter=Meter(), sessions=lambda: (0, 0), batches=dict, connected=lambda: self.up, version="1.2.3")
        parts = {
            "book": read.book,
            "library": read.library,
            "operator": Operator(),
            "exposition": Exposition(sources),
            "scrapers": HERE,
            "reads": self._read,
            "connected": lambda: self.up,
            "clock": lambda: NOON,
        }
        self.pages = Pages(Parts(**{**parts, **changes}))
        self.base = f"http://127.0.0.1:{port}"
        self.web = Web("127.0.0.1", port, self.pages.routes())

    async def _read(self) -> None:
        self.asked += 1
        if self.fault is not None:
            raise self.fault

    async def get(self, path: str, **headers: str) -> tuple[int, str, dict[str, str]]:
        async with ClientSession() as session, session.get(self.base + path, headers=headers) as answer:
            return answer.status, await answer.text(), dict(answer.headers)


@pytest.fixture
async def opened(settings: Settings, unused_tcp_port: int) -> AsyncIterator[Callable[..., Any]]:
    sites: list[Site] = []

    async def opens(**changes: Any) -> Site:
        sites.append(Site(settings, unused_tcp_port, **changes))
        await sites[-1].web.start()
        return sites[-1]

    yield opens
    for site in sites:
        await site.web.stop()


# -- health ----------------------------------------------------------------------------------------------------------


async def test_health_says_that_the_loop_answers_and_nothing_else(opened) -> None:
    site = await opened()
    site.fault, site.up["telegram"] = StoreError("planted"), False
    status, body, headers = await site.get("/healthz")
    assert (status, json.loads(body)) == (200, {"alive": True})
    assert headers["Cache-Control"] == "no-store"
    assert "Server" not in headers
    assert site.asked == 0


@pytest.mark.parametrize("fault", [None, StoreError("planted"), TimeoutError("planted")])
@pytest.mark.parametrize("up", [True, False])
async def test_readiness_names_the_part_that_is_not_there(opened, fault: Exception | None, up: bool) -> None:
    site = await opened()
    site.fault, site.up["discord"] = fault, up
    status, body, _ = await site.get("/readyz")
    ready = up and fault is None
    wanted = {"ready": ready, "content": True, "store": fault is None, "telegram": True, "discord": up}
    assert json.loads(body) == wanted
    assert status == (200 if ready else 503)
    assert "planted" not in body


async def test_however_often_readiness_is_asked_for_the_store_is_asked_once_a_second(opened) -> None:
    site = await opened()
    for _ in range(20):
        await site.get("/readyz")
    assert site.asked in {1, 2}


# -- metrics ---------------------------------------------------------------------------------------------------------


async def test_metrics_are_for_this_machine(opened) -> None:
    site = await opened()
    status, body, headers = await site.get("/metrics")
    assert status == 200
    assert headers["Content-Type"].startswith("text/plain; version=")
    assert 'closer_info{version="1.2.3"} 1.0' in body


async def test_metrics_are_for_nobody_whom_the_setting_does_not_name(opened) -> None:
    site = await opened(scrapers=networks("10.0.0.7"))
    status, body, _ = await site.get("/metrics")
    assert status == 403
    assert "closer_" not in body


@pytest.mark.parametrize("header", FORWARDED)
async def test_metrics_do_not_go_through_a_proxy(opened, header: str) -> None:
    site = await opened()
    status, body, _ = await site.get("/metrics", **{header: "127.0.0.1"})
    assert status == 403
    assert "closer_" not in body


@pytest.mark.parametrize(
    ("remote", "well"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("172.17.0.5", True),
        ("10.0.0.7", False),
        ("::ffff:10.0.0.7", False),
        ("fe80::1%eth0", False),
        ("unix:", False),
        ("", False),
        (None, False),
    ],
)
def test_whom_the_setting_names(remote: str | None, well: bool) -> None:
    assert admitted(remote, {}, networks("127.0.0.0/8, ::1 172.16.0.0/12")) is well


@pytest.mark.parametrize(("secret", "well"), [("a-B_9", True), ("x" * 256, True), ("x" * 257, False), ("planted!", False)])
def test_the_secret_of_a_webhook_is_taken_as_telegram_takes_it(monkeypatch, secret: str, well: bool) -> None:
    monkeypatch.setenv("TELEGRAM_WEBHOOK_SECRET", secret)
    if well:
        given = read_settings(None).telegram_webhook_secret
        assert given is not None
        assert given.get_secret_value() == secret
        return
    with pytest.raises(SettingsError, match="TELEGRAM_WEBHOOK_SECRET") as caught:
        read_settings(None)
    assert secret not in str(caught.value)


def test_a_setting_that_names_nothing_is_refused_without_being_quoted(monkeypatch) -> None:
    monkeypatch.setenv("METRICS_FROM", "planted")
    with pytest.raises(SettingsError, match="METRICS_FROM") as caught:
        read_settings(None)
    assert "planted" not in str(caught.value)


# -- privacy ---------------------------------------------------------------------------------------------------------


class Reader(HTMLParser):
    """What a browser would make of the page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


async def test_the_page_has_the_words_of_the_command(opened, settings: Settings) -> None:
    library = content(settings.content_dir).library
    site = await opened()
    status, body, headers = await site.get("/privacy")
    assert status == 200
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    shown = re.sub(r"\s+", " ", Reader(body).words)
    for key in ("privacy.page.text", "privacy.more.text"):
        for paragraph in library.text("en", key).split("\n\n"):
            assert re.sub(r"\s+", " ", paragraph.strip("*")) in shown
    assert "12 months" in shown
    assert library.text("en", "privacy.page.nothing") not in shown, "nobody has asked about themselves"


async def test_the_page_needs_nothing_from_anywhere_and_may_not(opened) -> None:
    _, body, headers = await (await opened()).get("/privacy")
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    tags = [tag for tag, _ in Reader(body).tags]
    assert not {"script", "link", "img", "iframe", "form", "object"} & set(tags)
    assert tags.count("style") == 1
    assert "color-scheme:light dark" in body
    assert not [attrs for _, attrs in Reader(body).tags if "style" in attrs or any(name.startswith("on") for name in attrs)]


def test_the_policy_allows_the_very_style_that_stands_there() -> None:
    import base64
    import hashlib

    from bot.privacy_page import HEADERS
    from tests.kernel import book, parts

    text = page(book(), parts().library, "en", Operator(), NOON)
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}';" in HEADERS["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("asked", "accepted", "language"),
    [
        (None, "", "en"),
        (LANGUAGE, "", LANGUAGE),
        (None, f"{LANGUAGE};q=0.3, en;q=0.8", "en"),
        (None, f"de-DE,de;q=0.9,{LANGUAGE}-XX;q=0.8,en;q=0.7", LANGUAGE),
        ("de", LANGUAGE, LANGUAGE),
        (None, f"{LANGUAGE};q=0", "en"),
        ("<script>", ";;q=,,\x00,en;q=1.1.1", "en"),
    ],
)
def test_the_language_of_the_page(settings: Settings, asked: str | None, accepted: str, language: str) -> None:
    assert chosen(content(settings.content_dir).library, asked, accepted) == language


async def test_every_language_has_its_page_and_leads_to_the_others(opened) -> None:
    site = await opened()
    _, english, _ = await site.get("/privacy")
    _, other, headers = await site.get(f"/privacy?lang={LANGUAGE}")
    assert headers["Content-Language"] == LANGUAGE
    assert f'<html lang="{LANGUAGE}">' in other
    assert Reader(english).words != Reader(other).words
    assert [attrs["href"] for tag, attrs in Reader(english).tags if tag == "a"] == [f"?lang={LANGUAGE}"]
    assert [attrs["href"] for tag, attrs in Reader(other).tags if tag == "a"] == ["?lang=en"]


async def test_who_runs_it_is_named_as_written_and_never_read_as_markup(opened) -> None:
    name, contact = 'Ann & "Co" **[x](javascript:y)** _z_', "ann@example.org"
    site = await opened(operator=Operator(name=name, contact=contact, keeps=0))
    _, body, _ = await site.get("/privacy")
    assert html.escape(name) in body
    assert contact in Reader(body).words
    assert "javascript" not in str([attrs for _, attrs in Reader(body).tags])
    assert "months" not in Reader(body).words


@pytest.mark.parametrize("name", ["operator_name", "operator_contact"])
@pytest.mark.parametrize("value", ["<b>x", "x>", "a\nb", "x" * 201])
def test_an_operator_is_no_markup(monkeypatch, name: str, value: str) -> None:
    monkeypatch.setenv(name.upper(), value)
    with pytest.raises(SettingsError, match=name.upper()):
        read_settings(None)


# -- the server ------------------------------------------------------------------------------------------------------


async def test_nothing_else_is_answered(opened) -> None:
    site = await opened()
    for path in ("/", "/metrics/", "/privacy/..%2fmetrics", "/favicon.ico"):
        status, body, _ = await site.get(path)
        assert status == 404
        assert "closer_" not in body
    async with ClientSession() as session, session.post(f"{site.base}/privacy") as answer:
        assert answer.status == 405


async def test_a_fault_in_a_page_tells_nothing(unused_tcp_port: int) -> None:
    async def broken(_: Any) -> Any:
        raise RuntimeError("planted")

    web = Web("127.0.0.1", unused_tcp_port, (Route(method="GET", path="/x", handler=broken),))
    await web.start()
    try:
        async with ClientSession() as session, session.get(f"http://127.0.0.1:{unused_tcp_port}/x") as answer:
            assert answer.status == 500
            assert "planted" not in await answer.text()
    finally:
        await web.stop()


async def test_a_port_that_is_taken_is_told_with_what_to_do(opened, settings: Settings, unused_tcp_port: int) -> None:
    await opened()
    with pytest.raises(ServiceError, match="WEB=false"):
        await Site(settings, unused_tcp_port).web.start()


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("SESSION_HOURS", "abc", "should be a number, more than 0 to 168"),
        ("PICTURES", "maybe", "should be `true` or `false`"),
        ("OPERATOR_NAME", "<b>", "should be 1 to 200 characters, without `<` and `>`"),
        ("METRICS_FROM", "everywhere", "should be addresses or networks like 10.0.0.7"),
    ],
)
def test_a_wrong_setting_is_told_what_it_should_be(monkeypatch: pytest.MonkeyPatch, name: str, value: str, wanted: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        read_settings(env_file=None)
    assert f"{name} {wanted}" in str(caught.value)
    assert f"'{value}'" not in str(caught.value)
