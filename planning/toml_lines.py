"""On which line of a TOML text each key and element stands; the standard reader does not tell.

Only for texts that the standard reader has accepted: nothing is checked here.
"""

import re
from dataclasses import dataclass, field

Path = tuple[str | int, ...]
"""Keys and list positions (from 0) that lead to a value."""

TOKEN = re.compile(
    r"""(?P<skip>[ \t\r]+|\#[^\n]*)
    |(?P<text>\"{3}(?:\\.|[^\\])*?\"{3,5}|'{3}.*?'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*')
    |(?P<newline>\n)
    |(?P<mark>[\[\]{}=,])
    |(?P<bare>[^\s\[\]{}=,"'\#]+)""",
    re.VERBOSE | re.DOTALL,
)


def line_of(lines: dict[Path, int], path: Path) -> int | None:
    """Return the line of a path, or of the nearest thing around it that stands in the text."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None


def toml_lines(text: str) -> dict[Path, int]:
    """Return the line, from 1, of every key, table and list element of a valid TOML text."""
    return _Scan(_tokens(text)).scan()


@dataclass(frozen=True)
class _Token:
    text: str
    line: int


def _tokens(text: str) -> list[_Token]:
    found, line = [], 1
    for match in TOKEN.finditer(text):
        if match.lastgroup != "skip":
            found.append(_Token(match.group(), line))
        line += match.group().count("\n")
    return found


@dataclass
class _Scan:
    """Walks the tokens once; ``at`` is the next one."""

    tokens: list[_Token]
    at: int = 0
    lines: dict[Path, int] = field(default_factory=dict)
    tables: dict[Path, int] = field(default_factory=dict)

    def scan(self) -> dict[Path, int]:
        table: Path = ()
        while self.at < len(self.tokens):
            if self._next() == "\n":
                self._take()
            elif self._next() == "[":
                table = self._header()
            else:
                self._pair(table)
        return self.lines

    def _next(self) -> str:
        return self.tokens[self.at].text if self.at < len(self.tokens) else "\n"

    def _take(self) -> _Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def _header(self) -> Path:
        line = self._take().line
        repeated = self._next() == "["
        if repeated:
            self._take()
        *outer, last = self._key("]")
        path: Path = ()
        for part in outer:
            self.lines.setdefault((*path, part), line)
            path = self._last_of((*path, part))
        path = (*path, last)
        self._take()
        if repeated:
            self._take()
            self.lines.setdefault(path, line)
            self.tables[path] = self.tables.get(path, 0) + 1
        path = self._last_of(path)
        self.lines[path] = line
        return path

    def _last_of(self, path: Path) -> Path:
        return (*path, self.tables[path] - 1) if path in self.tables else path

    def _key(self, until: str) -> list[str]:
        written = ""
        while self._next() != until:
            written += self._take().text
        parts = re.findall(r"\"[^\"]*\"|'[^']*'|[^.]+", written)
        return [part.strip("\"'") for part in parts]

    def _pair(self, table: Path) -> None:
        line = self.tokens[self.at].line
        path = table
        for part in self._key("="):
            path = (*path, part)
            self.lines.setdefault(path, line)
        self._take()
        self._value(path)

    def _value(self, path: Path) -> None:
        opening = self._take().text
        if opening == "[":
            self._elements(path)
        elif opening == "{":
            while self._past_blank("}"):
                self._pair(path)
        else:
            while self._next() not in {"\n", ",", "]", "}"}:
                self._take()

    def _elements(self, path: Path) -> None:
        number = 0
        while self._past_blank("]"):
            self.lines[(*path, number)] = self.tokens[self.at].line
            self._value((*path, number))
            number += 1

    def _past_blank(self, closing: str) -> bool:
        """Move to the next element; at the closing mark take it and answer no."""
        while self._next() in {"\n", ","}:
            self._take()
        if self._next() == closing:
            self._take()
            return False
        return True
