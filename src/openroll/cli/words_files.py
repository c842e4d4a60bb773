"""Catalogues as they are named on the command line, and how a roll takes those of a folder."""

import hashlib
from collections.abc import Callable, Iterator
from importlib.resources import as_file
from pathlib import Path

from openroll.cli.arguments import NotSaid
from openroll.cli.output import out
from openroll.durable import make_private, write_durably
from openroll.paper.typeface import typeface
from openroll.places import MAIN
from openroll.rules.faults import RuleFaults
from openroll.rules.language import ENGLISH, TAG, ranges
from openroll.words import catalogue, own
from openroll.words.check import Checked, check_catalogue
from openroll.words.po import MOST_BYTES
from openroll.words.template import Words

WORDS = "words"
"""The folder of catalogues within a jurisdiction's folder, and within a roll's home."""


def folder_of_words(folder: Path) -> Path:
    """Where a folder has its catalogues: in `words` where it is a jurisdiction's, else in itself."""
    return folder / WORDS if (folder / MAIN).is_file() else folder


def catalogue_file(folder: Path, tag: str) -> Path:
    """The file of a language's catalogue in a folder."""
    return folder_of_words(folder) / f"{tag}{own.SUFFIX}"


def read_words(file: Path) -> bytes:
    """A catalogue's bytes, none read further than it may be long."""
    with file.open("rb") as stream:
        return stream.read(MOST_BYTES + 1)


class Named:
    """One or several catalogues, as named on the command line: a file, a folder, or a language that ships."""

    def __init__(self, name: str) -> None:
        self._name = name

    def catalogues(self) -> Iterator[tuple[str, Path, bytes]]:
        """Each with its tag, its file and its bytes. Raises NotSaid or OSError."""
        path = Path(self._name)
        if path.is_dir():
            yield from _of_folder(path)
        elif path.suffix == own.SUFFIX or path.exists():
            yield _tag_of(path), path, read_words(path)
        elif self._name in catalogue.shipped() and self._name != ENGLISH:
            with as_file(catalogue.LOCALE) as locale:
                file = locale / self._name / "LC_MESSAGES" / "messages.po"
                yield self._name, file, read_words(file)
        else:
            known = ", ".join(tag for tag in catalogue.shipped() if tag != ENGLISH)
            raise NotSaid(
                f"{self._name}: expected a .po file, a folder of them, or a language whose words ship ({known})."
            )

    def one(self) -> tuple[str, Path, bytes]:
        """The only one. Raises NotSaid where there are several."""
        first, *others = self.catalogues()
        if others:
            raise NotSaid(f"{self._name}: there are several catalogues. Name one file.")
        return first


def _of_folder(folder: Path) -> Iterator[tuple[str, Path, bytes]]:
    found = sorted(folder_of_words(folder).glob(f"*{own.SUFFIX}"))
    if not found:
        raise NotSaid(f"{folder}: there is no catalogue in it. `openroll words new TAG {folder}` begins one.")
    for file in found:
        yield _tag_of(file), file, read_words(file)


def _tag_of(file: Path) -> str:
    if file.suffix != own.SUFFIX or not TAG.fullmatch(file.stem):
        raise NotSaid(f"{file}: a catalogue is named by its language (BCP 47), as sw-TZ{own.SUFFIX}.")
    return file.stem


def checked_file(tag: str, data: bytes, file: Path) -> Checked:
    """What a check finds in a catalogue; words of a wider language, shipped or beside it, are not missing."""
    return check_catalogue(data, tag, str(file), typeface().can_show, _wider(tag, file))


def _wider(tag: str, file: Path) -> Callable[[Words], bool]:
    """Whether a text has words in a catalogue that this one adds to."""
    shipping = file.name == f"messages{own.SUFFIX}"
    layers = [made for one in ranges(tag) if not shipping and (made := catalogue.shipped_words(one)) is not None]
    beside = [file.with_name(f"{one}{own.SUFFIX}") for one in ranges(tag) if one != tag]
    layers += [own.read(path) for path in beside if not shipping and path.is_file()]
    if ENGLISH in ranges(tag):
        return lambda _: True
    return lambda text: any(catalogue.words_in(layer, text.context, text.text) for layer in layers)


def folder_of_place(folder: Path) -> Path:
    """A jurisdiction's folder. Raises NotSaid for what is none."""
    if not (folder / MAIN).is_file():
        raise NotSaid(f"{folder}: it is no jurisdiction's folder, which has a {MAIN}.")
    return folder


def check_words(folder: Path) -> list[tuple[str, Path, bytes]]:
    """The catalogues of a jurisdiction's folder, checked; none where it has none. Raises RuleFaults, NotSaid or OSError."""
    if not (folder / WORDS).is_dir():
        return []
    found = list(_of_folder(folder))
    faults = [fault for tag, file, data in found for fault in checked_file(tag, data, file).faults]
    if faults:
        raise RuleFaults(faults)
    return found


def take_words(folder: Path, roll_home: Path) -> None:
    """Have a roll say the words of a jurisdiction's folder from its next start on, and print the digest of each catalogue.

    What the folder has no more, the roll has no more. Where any catalogue has a fault nothing is taken.

    Raises RuleFaults, NotSaid or OSError.
    """
    if not (folder / WORDS).is_dir():
        return
    found = check_words(folder)
    home = roll_home / WORDS
    make_private(home)
    for tag, _, data in found:
        write_durably(home / f"{tag}{own.SUFFIX}", data)
    for tag, path in own.files(home).items():
        if tag not in {one for one, _, _ in found}:
            path.unlink()
    for tag, _, data in found:
        out.print(f"Words of its own in {tag}: SHA-256 {hashlib.sha256(data).hexdigest()}", soft_wrap=True)
