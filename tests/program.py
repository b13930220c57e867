"""`closer run` as a program of its own, on files of its own: started, asked to end, killed."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from tests.talk import PATIENCE, ROOT


class Program:
    """One process. `module` is what is run, with its arguments; `more` goes into its environment."""

    patience: float = PATIENCE

    def __init__(self, folder: Path, *module: str, **more: str) -> None:
        self.folder, self.module, self.heard = folder, module, b""
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder / "home"),
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": f"sqlite:///{folder / 'closer.db'}",
            "CLOSER_KEY_FILE": str(folder / "config" / "key"),
            "LOG_LEVEL": "DEBUG",
            # Programs that run side by side cannot all have the same port.
            "WEB": "true" if "WEB_PORT" in more else "false",
            **more,
        }

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            *self.module,
            cwd=self.folder,
            env=self.environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )

    def send(self, number: int = signal.SIGTERM) -> None:
        if self.process.returncode is None:
            self.process.send_signal(number)

    async def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal; return the exit code."""
        self.send(number)
        return await self.ended()

    async def ended(self) -> int:
        async with asyncio.timeout(self.patience):
            out, _ = await self.process.communicate()
        self.heard += out
        return int(self.process.returncode or 0)
