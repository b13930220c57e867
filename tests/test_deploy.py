"""What operators start Closer with: the image, compose, the units of systemd, and secrets that come as files."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from bot.app import open_the_store
from bot.ports import StoreError
from bot.settings import Settings, SettingsError, read_settings

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
UNITS = ("closer.service", "closer-backup.service", "closer-backup.timer")
ANALYZE = shutil.which("systemd-analyze")
SYSTEMD = pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not here")
# systemd-analyze's own scale, from 0 (nothing is exposed) to 10.
MOST_EXPOSED = 2.0
SECRETS = ("TOKEN", "PASSWORD", "SECRET=", "CLOSER_KEY=", "_KEY=")


# -- secrets as files ------------------------------------------------------------------------------------------------


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "secrets"
    folder.mkdir()
    for name in ("TELEGRAM_BOT_TOKEN", "DISCORD_BOT_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SECRETS_DIR", str(folder))
    monkeypatch.setenv("CLOSER_KEY_FILE", str(folder / "key"))
    return folder


def test_a_setting_is_read_from_the_file_of_its_name(secrets):
    (secrets / "telegram_bot_token").write_text("1:planted-token\n")
    settings = read_settings(None)
    assert settings.telegram_bot_token is not None
    assert settings.telegram_bot_token.get_secret_value() == "1:planted-token"
    assert "planted" not in repr(settings)
    assert settings.discord_bot_token is None


def test_the_environment_comes_before_the_file(secrets, monkeypatch):
    (secrets / "database_url").write_text("sqlite:///file.db")
    assert read_settings(None).url() == "sqlite:///file.db"
    monkeypatch.setenv("DATABASE_URL", "")
    assert read_settings(None).url() == "sqlite:///file.db", "empty is as good as not set"
    monkeypatch.setenv("DATABASE_URL", "sqlite:///environment.db")
    assert read_settings(None).url() == "sqlite:///environment.db"


def test_an_empty_file_is_as_good_as_none(secrets):
    (secrets / "discord_bot_token").write_text("\n")
    (secrets / "web_port").write_text("")
    settings = read_settings(None)
    assert settings.discord_bot_token is None
    assert settings.web_port == 8080


def test_a_bad_value_in_a_file_is_refused_by_its_name(secrets):
    (secrets / "web_port").write_text("planted")
    with pytest.raises(SettingsError, match="WEB_PORT") as caught:
        read_settings(None)
    assert "planted" not in str(caught.value)


def test_a_file_that_is_no_text_is_refused(secrets):
    (secrets / "telegram_bot_token").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="telegram_bot_token cannot be read"):
        read_settings(None)


def test_a_folder_that_is_not_there_is_refused(secrets, monkeypatch):
    monkeypatch.setenv("SECRETS_DIR", str(secrets / "nowhere"))
    with pytest.raises(SettingsError, match="SECRETS_DIR"):
        read_settings(None)


async def test_a_key_handed_over_may_show_its_access_list_as_a_group(secrets, tmp_path):
    """So systemd's credentials look: root's, mode 0440, an access list that lets in the one service."""
    key = secrets / "key"
    key.write_text("11" * 32)
    key.chmod(0o440)
    settings = read_settings(None).model_copy(update={"database_url": f"sqlite:///{tmp_path / 'closer.db'}"})
    await (await open_the_store(settings)).close()
    with pytest.raises(StoreError, match="can be read by others"):
        await open_the_store(settings.model_copy(update={"secrets_dir": None}))


# -- the image -------------------------------------------------------------------------------------------------------


def instructions(text: str) -> list[tuple[str, str]]:
    """The instructions of a Dockerfile: comments left out, continued lines joined."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    parts = (line.strip().partition(" ") for line in joined.splitlines() if line.strip())
    return [(word.upper(), rest.strip()) for word, _, rest in parts]


def broken_laws(text: str) -> set[str]:
    """Which laws of images this Dockerfile breaks."""
    found = instructions(text)
    bases = [rest.split()[0] for word, rest in found if word == "FROM"]
    stages = {rest.split()[2] for word, rest in found if word == "FROM" and " AS " in rest.upper()}
    last = found[max(number for number, (word, _) in enumerate(found) if word == "FROM") :]
    users = [rest.partition(":")[0] for word, rest in last if word == "USER"]
    shown = " ".join(rest for word, rest in found if word in {"ENV", "ARG"})
    health = [rest for word, rest in last if word == "HEALTHCHECK"]
    laws = {
        "a base without a version": any(":" not in base or base.endswith(":latest") for base in bases if base not in stages),
        "runs as root": not users or users[-1] in {"root", "0"},
        "fetches what nobody checked": any(word == "ADD" or re.search(r"\b(curl|wget)\b", rest) for word, rest in found),
        "no health check": not health or "/healthz" not in health[-1] or "CMD" not in health[-1],
        "a secret in a layer": any(re.search(rf"{name}\s*\S", shown) for name in SECRETS),
        "copies into the image that runs": any(word == "COPY" and "--from=" not in rest for word, rest in last),
        "starts by a shell": any(word in {"ENTRYPOINT", "CMD"} and not rest.startswith("[") for word, rest in last),
        "installs what is not pinned": any(
            "pip install" in rest and rest.count("pip install") != rest.count("--constraint") for _, rest in found
        ),
    }
    return {law for law, broken in laws.items() if broken}


def test_the_image_keeps_its_laws():
    text = (ROOT / "Dockerfile").read_text("utf-8")
    assert broken_laws(text) == set()
    last = dict(instructions(text))
    assert json.loads(last["ENTRYPOINT"]) == ["closer"]
    assert json.loads(last["CMD"]) == ["run"]
    assert json.loads(last["VOLUME"]) == ["/data"]


@pytest.mark.parametrize(
    ("old", "new", "law"),
    [
        ("python:3.13-slim-bookworm AS", "python:latest AS", "a base without a version"),
        ("USER 10001:10001", "USER root", "runs as root"),
        ("COPY . .", "ADD https://example.org/closer.tar.gz .", "fetches what nobody checked"),
        ("HEALTHCHECK", "# HEALTHCHECK", "no health check"),
        ("HOME=/data", "TELEGRAM_BOT_TOKEN=1:x", "a secret in a layer"),
        ("COPY --from=build", "COPY", "copies into the image that runs"),
        ('ENTRYPOINT ["closer"]', "ENTRYPOINT closer", "starts by a shell"),
        ("install --constraint constraints.txt /dist", "install /dist", "installs what is not pinned"),
    ],
)
def test_each_law_of_the_image_can_be_broken(old, new, law):
    text = (ROOT / "Dockerfile").read_text("utf-8")
    assert old in text
    assert law in broken_laws(text.replace(old, new, 1))


def test_the_health_check_is_a_program_and_heeds_the_answer():
    (rest,) = [rest for word, rest in instructions((ROOT / "Dockerfile").read_text("utf-8")) if word == "HEALTHCHECK"]
    command = json.loads(rest.partition("CMD")[2])
    assert command[:2] == ["python", "-c"]
    compile(command[2], "healthcheck", "exec")
    assert "status != 200" in command[2]


def test_only_what_the_image_needs_reaches_its_build():
    named = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    wanted = {line[1:] for line in named if line.startswith("!")}
    assert "*" in named
    assert all((ROOT / name).exists() for name in wanted)
    assert {"bot", "storage", "pyproject.toml", "constraints.txt"} <= wanted
    assert not wanted & {".env", "secrets", ".git", "tests"}


# -- compose ---------------------------------------------------------------------------------------------------------


def composed(*names: str) -> dict[str, dict]:
    """The services of several compose files, laid over one another as far as the tests look."""
    services: dict[str, dict] = {}
    for name in names:
        for service, parts in yaml.safe_load((ROOT / name).read_text("utf-8"))["services"].items():
            here = services.setdefault(service, {})
            for key, value in parts.items():
                here[key] = (
                    here[key] + value
                    if isinstance(here.get(key), list)
                    else {**here.get(key, {}), **value}
                    if isinstance(value, dict)
                    else value
                )
    return services


@pytest.mark.parametrize("names", [("compose.yaml",), ("compose.yaml", "compose.postgresql.yaml")], ids=len)
def test_every_service_is_closed(names):
    for name, service in composed(*names).items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["restart"] == "unless-stopped", name
        assert re.search(r":\d", service["image"]), name
        assert not {"privileged", "cap_add", "devices", "network_mode", "pid", "ports", "env_file"} & set(service), name
        for key in service["environment"]:
            assert not key.endswith(("TOKEN", "PASSWORD", "_KEY")), f"{name}: {key} belongs into a file"


@pytest.mark.parametrize("names", [("compose.yaml",), ("compose.yaml", "compose.postgresql.yaml")], ids=len)
def test_every_secret_is_a_file_and_used(names):
    declared = {}
    for name in names:
        declared |= yaml.safe_load((ROOT / name).read_text("utf-8"))["secrets"]
    used = {secret for service in composed(*names).values() for secret in service["secrets"]}
    assert used == set(declared)
    assert all(parts == {"file": f"./secrets/{name}"} for name, parts in declared.items())
    assert used - {"key", "postgres_password"} <= set(Settings.model_fields), "the name of each is that of its setting"


def test_the_database_is_reached_by_closer_alone():
    file = yaml.safe_load((ROOT / "compose.postgresql.yaml").read_text("utf-8"))
    assert file["networks"]["store"] == {"internal": True}
    assert file["services"]["postgres"]["networks"] == ["store"]
    assert file["services"]["closer"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert "healthcheck" in file["services"]["postgres"]


# -- systemd ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def units(tmp_path: Path) -> list[Path]:
    """The units, with a program that is there in place of the installed one."""
    for name in UNITS:
        text = (DEPLOY / name).read_text("utf-8")
        (tmp_path / name).write_text(text.replace("/opt/closer/bin/closer", sys.executable))
    return [tmp_path / name for name in UNITS]


def analyze(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    assert ANALYZE is not None
    return subprocess.run([ANALYZE, *arguments], text=True, capture_output=True, check=False, timeout=60)


@SYSTEMD
def test_systemd_understands_every_line(units):
    told = analyze("verify", *units)
    assert (told.returncode, told.stderr) == (0, "")


@SYSTEMD
def test_systemd_finds_a_line_that_is_wrong(units):
    units[0].write_text(units[0].read_text().replace("ProtectSystem=strict", "ProtectSystme=strict"))
    assert "ProtectSystme" in analyze("verify", units[0]).stderr


@SYSTEMD
@pytest.mark.parametrize("number", [0, 1], ids=UNITS[:2])
def test_little_is_exposed(units, number):
    told = analyze("security", "--offline=true", units[number])
    level = re.search(r"Overall exposure level for \S+: ([\d.]+)", told.stdout)
    assert level, told.stderr
    assert float(level[1]) < MOST_EXPOSED


@pytest.mark.parametrize("name", UNITS[:2])
def test_the_units_hold_no_secret_and_share_one_user(name):
    lines = [line for line in (DEPLOY / name).read_text("utf-8").splitlines() if not line.startswith("#")]
    assert not any(secret in line for line in lines for secret in SECRETS)
    assert "User=closer" in lines
    assert "DynamicUser=yes" in lines
    handed = [line.partition("=")[2].partition(":")[0] for line in lines if line.startswith("LoadCredential=")]
    assert "key" in handed
    assert set(handed) - {"key"} <= set(Settings.model_fields), "the name of each is that of its setting"
    assert "Environment=SECRETS_DIR=%d CLOSER_KEY_FILE=%d/key" in lines


def test_the_backup_unit_calls_a_command_that_is_there(capsys):
    from bot.cli import main

    called = re.findall(r"/opt/closer/bin/closer (\w+)", (DEPLOY / "closer-backup.service").read_text("utf-8"))
    assert called == ["backup"]
    with pytest.raises(SystemExit) as ended:
        main(["backup", "--help"])
    assert ended.value.code == 0
    assert "FILE" in capsys.readouterr().out
