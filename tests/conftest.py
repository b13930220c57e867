"""What the tests share: a clock that moves only when told, a store in a temporary folder, a language made up on the spot."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.app import build
from bot.content.loader import ROOT, word_paths
from bot.log import configure
from bot.runtime import Runtime
from bot.settings import Settings
from tests.pseudo import LANGUAGE, translate

START = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)


class Clock:
    """The time, as the test sets it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **span: float) -> None:
        self.now += timedelta(**span)


@pytest.fixture(autouse=True)
def _no_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test touches the home folder or is touched by this machine's settings."""
    home = tmp_path / "home"
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(home))
    for name in ("SECRETS_DIR", "DATABASE_URL", "CLOSER_KEY", "CLOSER_KEY_FILE", "SESSION_HOURS", "CONTENT_DIR", "LOG_LEVEL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def _log_of_this_test_alone() -> Iterator[None]:
    """Each test's log goes where its own standard error goes, as the log keeps the stream of its first line."""
    configure("WARNING")
    yield
    configure("WARNING")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def two_languages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The content folder with a second language in it: files, and nothing but files."""
    root = tmp_path_factory.mktemp("content") / "content"
    shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    for english, _ in word_paths(ROOT):
        there = root / english.relative_to(ROOT)
        translate(there, there.with_name(f"{LANGUAGE}.yaml"))
    return root


@pytest.fixture
def settings(tmp_path: Path, two_languages: Path) -> Settings:
    return Settings(
        _env_file=None,
        database_url=f"sqlite:///{tmp_path / 'data' / 'closer.db'}",
        closer_key_file=tmp_path / "config" / "key",
        content_dir=two_languages,
    )


@pytest.fixture
async def runtime(settings: Settings, clock: Clock) -> AsyncIterator[Runtime]:
    built = await build(settings, clock)
    yield built
    await built.store.close()


@pytest.fixture
async def again(settings: Settings, clock: Clock) -> AsyncIterator[Callable[..., Any]]:
    """Builds runtimes, as many as wanted, each like the program started anew on the same files."""
    built: list[Runtime] = []

    async def start(**changed: Any) -> Runtime:
        built.append(await build(settings.model_copy(update=changed), clock))
        return built[-1]

    yield start
    for runtime in built:
        await runtime.store.close()
