"""Every setting, from the environment and a `.env` file. Frozen once read; secrets never show in a repr.

`.env.example` documents each of them, and a test holds the two together.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from dotenv import dotenv_values
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.content.loader import ROOT


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """What a secret looks like. pydantic itself cannot hold a secret against a pattern; the page of settings reads it here."""

    pattern: str


IN_A_HEADER = Form(pattern=r"^[A-Za-z0-9_-]{1,256}$")
# What stands on a page as it is given.
NO_MARKUP = r"^[^<>\p{Cc}]{1,200}$"


class SettingsError(Exception):
    """A setting is wrong. The message names the variable and the remedy, never its value."""


def _numbers(value: object) -> object:
    """A list of numbers as it is written in the environment: `0,1,2`."""
    return [part for part in value.replace(",", " ").split() if part] if isinstance(value, str) else value


def _in_a_header(secret: SecretStr) -> SecretStr:
    """What Telegram takes as a webhook's secret. Raises ValueError, which does not quote it."""
    if not re.fullmatch(IN_A_HEADER.pattern, secret.get_secret_value()):
        raise ValueError("should be 1 to 256 letters, digits, _ and -")
    return secret


def _networks(text: str) -> str:
    """Addresses and networks with spaces or commas between them. Raises ValueError, which does not quote them."""
    try:
        networks(text)
    except ValueError:
        raise ValueError("should be addresses or networks like 10.0.0.7 or 172.16.0.0/12, with spaces between them") from None
    return text


def networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """What METRICS_FROM names. Raises ValueError."""
    return tuple(ip_network(part, strict=False) for part in text.replace(",", " ").split())


class Settings(BaseSettings):
    """What an operator can set."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", frozen=True, extra="ignore", env_ignore_empty=True
    )

    secrets_dir: Path | None = None
    database_url: str | None = None
    closer_key: SecretStr | None = None
    closer_key_file: Path | None = None
    session_hours: Annotated[float, Field(gt=0, le=24 * 7)] = 24
    memory_sessions: Annotated[int, Field(ge=1)] = 50_000
    cached_sessions: Annotated[int, Field(ge=1)] = 2_000
    pictures: bool = True
    retention_months: Annotated[int, Field(ge=0, le=1200)] = 12
    content_dir: Path = ROOT
    helplines_file: Path | None = None
    safety_protocol_url: Annotated[str, Field(pattern=r"^https?://")] | None = None
    telegram_bot_token: SecretStr | None = None
    telegram_api_base_url: Annotated[str, Field(pattern=r"^https?://")] = "https://api.telegram.org"
    telegram_messages_per_second: Annotated[float, Field(ge=1, le=10_000)] = 30
    telegram_updates: bool = True
    telegram_webhook_url: Annotated[str, Field(pattern=r"^https?://")] | None = None
    telegram_webhook_secret: Annotated[SecretStr, AfterValidator(_in_a_header), IN_A_HEADER] | None = None
    discord_bot_token: SecretStr | None = None
    discord_shard_count: Annotated[int, Field(ge=1)] = 1
    discord_shard_ids: Annotated[tuple[int, ...], NoDecode, BeforeValidator(_numbers)] = ()
    nudges: bool = True
    operator_name: Annotated[str, Field(pattern=NO_MARKUP)] | None = None
    operator_contact: Annotated[str, Field(pattern=NO_MARKUP)] | None = None
    web: bool = True
    web_host: str = "127.0.0.1"
    web_port: Annotated[int, Field(ge=1, le=65_535)] = 8080
    metrics_from: Annotated[str, AfterValidator(_networks)] = "127.0.0.0/8 ::1"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "WARNING"

    def url(self) -> str:
        """Where people's data is kept: `DATABASE_URL`, or `closer.db` in this user's data folder."""
        if self.database_url:
            return self.database_url
        from platformdirs import user_data_path  # noqa: PLC0415  # only where no address is given

        return f"sqlite:///{user_data_path('closer', appauthor=False) / 'closer.db'}"

    def key_file(self) -> Path:
        """Where the key is kept, apart from the data: `CLOSER_KEY_FILE`, or `key` in this user's config folder."""
        if self.closer_key_file:
            return self.closer_key_file
        from platformdirs import user_config_path  # noqa: PLC0415  # only where no path is given

        return user_config_path("closer", appauthor=False) / "key"

    def key_is_handed_over(self) -> bool:
        """Whether the key file is one of those in `SECRETS_DIR`: then who may read it is the business of who put it there."""
        return self.secrets_dir is not None and self.secrets_dir in self.key_file().parents


def read_settings(env_file: Path | None = Path(".env")) -> Settings:
    """The settings as they stand now. Raises SettingsError.

    Where `SECRETS_DIR` names a folder, a setting that is set nowhere else is read from the file of its name in there.
    """
    try:
        settings = Settings(_env_file=env_file)
        if settings.secrets_dir is None:
            return settings
        return Settings(_env_file=env_file, **_handed_over(settings.secrets_dir, settings.model_fields_set))
    except ValidationError as error:
        names = [f"{str(e['loc'][0]).upper()} {_wanted(str(e['loc'][0]), e)}" for e in error.errors() if e["loc"]]
        problems = "; ".join(names) or "the settings contradict each other"
        raise SettingsError(f"{problems}. Correct it in the environment or in .env (see .env.example)") from None


def _wanted(name: str, error: Mapping[str, Any]) -> str:
    """What a setting should be. Where this file has words of its own for it, these; no library's words for anything else."""
    from bot.settings_page import values_of  # noqa: PLC0415  # it reads the settings, and only a wrong one needs it

    own = error["type"] == "value_error"
    return str(error["msg"]).removeprefix("Value error, ") if own else f"should be {values_of(Settings.model_fields[name])}"


def unknown(env_file: Path) -> tuple[str, ...]:
    """The names in an `.env` that are no settings, as they are written there."""
    return tuple(name for name in dotenv_values(env_file) if name.lower() not in Settings.model_fields)


def _handed_over(folder: Path, given: set[str]) -> dict[str, Any]:
    """The settings in the files of a folder, but for those `given` already. An empty file is as good as none."""
    if not folder.is_dir():
        raise SettingsError(f"SECRETS_DIR: {folder} is no folder. Make it, or leave SECRETS_DIR out")
    found: dict[str, Any] = {}
    for name in Settings.model_fields.keys() - given:
        try:
            if text := (folder / name).read_text("utf-8").strip():
                found[name] = text
        except FileNotFoundError:
            continue
        except (OSError, UnicodeError):
            raise SettingsError(f"{folder / name} cannot be read: give its user the right to, as a file of text") from None
    return found
