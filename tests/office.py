"""Somebody who looks after a database: the commands, and what stands in the files. Nothing here asserts."""

from __future__ import annotations

from tests.test_cli import OPT_IN, Inside

WHO = ("--platform", "terminal", "--user")


class Office(Inside):
    """The desk of somebody who looks after a database."""

    @property
    def url(self) -> str:
        return f"sqlite:///{self.db}"

    @property
    def copy(self):
        return self.folder / "copy.db"

    def does(self, *words, more=None, lines=()):
        return self.run(*map(str, words), lines=lines, more={"DATABASE_URL": self.url, **(more or {})})

    def people(self, *names: str) -> None:
        for name in names:
            self.chat(OPT_IN, "--user", name)

    def known(self, *names: str) -> list[str]:
        return [name for name in names if self.does("export", *WHO, name).code == 0]

    def keys(self) -> list[str]:
        return [line for line in self.key.read_text().splitlines() if line and not line.startswith("#")]

    def all_files(self) -> dict[str, bytes]:
        return {
            str(file): file.read_bytes() for file in sorted(self.folder.rglob("*")) if file.is_file() and file.name != "typed"
        }
