"""Build the wheel, install it in an empty environment outside the repository, and hold a piped conversation with it.

Run by `make wheel`: proves that words, tables and migrations are inside the package. Exits 1 with the output if not.
"""

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parent.parent
LINES = "yes\nabout 5 minutes\n1\n/privacy\nremember\nyes\n/forget\nyes\n"
EXPECTED = ("18 or older", "1 of about", "2 of about", "Your privacy", "erased")


def run(*command: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, check=True, text=True, capture_output=True, **options)  # type: ignore[call-overload]


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder / "dist", ROOT)
        wheel = next((folder / "dist").glob("*.whl"))
        venv.create(folder / "env", with_pip=True)
        python = folder / "env" / "bin" / "python"
        run(python, "-m", "pip", "--quiet", "install", "--constraint", ROOT / "constraints.txt", wheel, cwd=folder)
        home = {"HOME": str(folder / "home"), "PATH": os.environ["PATH"]}
        talk = subprocess.run(
            [folder / "env" / "bin" / "closer", "chat"],
            input=LINES,
            env=home,
            cwd=folder,
            text=True,
            capture_output=True,
            check=False,
        )
        missing = [words for words in EXPECTED if words not in talk.stdout]
        if talk.returncode or missing or talk.stderr:
            print(f"exit {talk.returncode}, missing {missing}\n{talk.stdout}\n{talk.stderr}")  # noqa: T201
            return 1
    print("the built package talks")  # noqa: T201
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
