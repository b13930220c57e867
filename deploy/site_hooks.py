"""What the documentation's site needs beyond mkdocs: files outside of docs/ that pages link to, and drawings without a script.

The pages stay plain Markdown, whose links also work where the repository is read.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

LINK = re.compile(r"(?<=\]\()(?!https?:|mailto:|#)([^)\s#]+)(?=[)#])")
FENCE = re.compile(r"^```mermaid\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
NODE = re.compile(r'^\s+(\w+)(\[\[|\[/|\[|>|\{)"([^"]+)"', re.MULTILINE)
EDGE = re.compile(r'^\s+(\w+) --> (\w+)(?:\(\["([^"]+)"\]\))?', re.MULTILINE)
# Said once on a page, above its first drawing.
INSTEAD = "Here each drawing is a table, since a program to draw them would come from somebody else's server."
# The shapes of bot/draw.py.
MEANS = {"[": "one choice", "[[": "several choices", "[/": "words", ">": "says, and goes on", "{": "decides"}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Take along, as plain text, every file of the repository that a page links to."""
    docs = Path(config.docs_dir)
    for page in list(files.documentation_pages()):
        for target in LINK.findall(page.content_string):
            outside = _outside(docs, page.src_uri, target)
            if outside is not None and files.get_file_from_path(_name(outside)) is None:
                files.append(File.generated(config, _name(outside), abs_src_path=str(docs.parent / outside)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Point links at the files taken along, and write each drawing as a table."""
    del files
    here = page.file.src_uri

    def moved(found: re.Match[str]) -> str:
        outside = _outside(Path(config.docs_dir), here, found[1])
        return found[1] if outside is None else posixpath.relpath(_name(outside), posixpath.dirname(here) or ".")

    if FENCE.search(markdown):
        markdown = markdown.replace("\n## ", f"\n{INSTEAD}\n\n## ", 1)
    return FENCE.sub(lambda found: table(found[1]), LINK.sub(moved, markdown))


def table(drawing: str) -> str:
    """A flowchart as rows: each step, what it is, where it leads."""
    leads: dict[str, list[str]] = {}
    for node, to, elsewhere in EDGE.findall(drawing):
        leads.setdefault(node, []).append("the end" if to == "done" else f"`{elsewhere or to}`")
    rows = (
        f"| `{label}` | {MEANS[shape]} | {', '.join(leads.get(node, []))} |" for node, shape, label in NODE.findall(drawing)
    )
    return "\n".join(("| step | is | leads to |", "|---|---|---|", *rows, ""))


def _outside(docs: Path, page: str, target: str) -> str | None:
    """The path of a linked file that is in the repository, but not in docs/."""
    path = posixpath.normpath(posixpath.join(docs.name, posixpath.dirname(page), target))
    return path if not path.startswith(("..", f"{docs.name}/")) and (docs.parent / path).is_file() else None


def _name(path: str) -> str:
    return f"files/{path.replace('/', '-').lstrip('.')}.txt"
