"""Which edition is rehearsed, and who plays."""

from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from secrets import randbelow

from cli import words
from cli.desk import Desk
from cli.faults import FaultError, usage
from planning.edition_file import EditionFileError, read_edition
from rehearsal.cast_folder import CastFolder
from rehearsal.random_cast import write_random_cast
from rehearsal.sample.providers import WIDER
from rehearsal.sample.writing import write_sample
from schemas.edition import Edition

SAMPLE, RANDOM = "sample", "random"
SEEDS = 1_000_000


@dataclass(frozen=True)
class Wanted:
    """Who is to play.

    Attributes:
        cast: ``sample``, ``random``, or a folder.
        services: How many services a random cast has; as many as there are places where not said.

    """

    cast: str
    seed: int | None = None
    services: int | None = None


def edition_named(name: str) -> Edition:
    """Return an edition that comes with Drumbeat, by its id, or one from a file.

    Raises:
        FaultError: There is none, or its file has faults; a sentence.

    """
    shipped = {one.id: one for one in _shipped()}
    if name in shipped:
        return shipped[name]
    path = Path(name)
    if not path.is_file():
        raise usage(
            f"There is no edition {name} and no such file: name a file, or one of"
            f" {words.listed(sorted(shipped))}."
        )
    return _read(path)


def other_policy(path: Path, edition: Edition) -> Edition:
    """Return the same edition under another policy.

    Raises:
        FaultError: The file cannot be read, has faults, or is of another edition; a sentence.

    """
    if not path.is_file():
        raise usage(f"There is no file {path} for --policy.")
    other = _read(path)
    if other.id != edition.id:
        raise usage(
            f"{path} is of the edition {other.id}, and {edition.id} is rehearsed: --policy takes"
            " another file of the same edition."
        )
    return other


def cast_of(desk: Desk, edition: Edition, wanted: Wanted, folder: Path) -> CastFolder:
    """Write a cast into a folder, or find it where it lies.

    Raises:
        FaultError: There is no such cast, or it does not fit the edition; a sentence.

    """
    if wanted.cast == RANDOM:
        return CastFolder(folder, _write_random(desk, edition, wanted, folder))
    if wanted.seed is not None or wanted.services is not None:
        raise usage("--seed and --services are for a random cast: add --cast random.")
    if wanted.cast != SAMPLE:
        return _lying_in(Path(wanted.cast))
    if edition.id != WIDER:
        raise usage(
            f"The sample plays in {WIDER}, not in {edition.id}: --cast random makes a cast for"
            " any edition."
        )
    CastFolder(folder).clear()
    write_sample(folder)
    as_it_comes = edition in _shipped()
    return CastFolder(folder, "the sample", has_key=as_it_comes)


def _lying_in(folder: Path) -> CastFolder:
    if not folder.is_dir():
        raise usage(
            f"There is no folder {folder}: --cast takes {SAMPLE}, {RANDOM}, or a folder as"
            " drumbeat sample writes one."
        )
    return CastFolder(folder, f"the cast in {folder.name}")


def _write_random(desk: Desk, edition: Edition, wanted: Wanted, folder: Path) -> str:
    seed = randbelow(SEEDS) if wanted.seed is None else wanted.seed
    services = edition.places if wanted.services is None else wanted.services
    CastFolder(folder).clear()
    try:
        write_random_cast(folder, edition, seed=seed, services=services)
    except ValueError as error:
        sentence = str(error)
        raise usage(f"{sentence[:1].upper()}{sentence[1:].rstrip('.')}.") from None
    called = f"a random cast of {words.counted(services, 'service')}, --seed {seed}"
    desk.say(f"Played by {called}.")
    return called


def _shipped() -> list[Edition]:
    folder = resources.files("editions")
    files = sorted(one.name for one in folder.iterdir() if one.name.endswith(".toml"))
    return [read_edition(folder.joinpath(name).read_text(encoding="utf-8"), name) for name in files]


def _read(path: Path) -> Edition:
    try:
        return read_edition(path.read_text(encoding="utf-8"), path.name)
    except EditionFileError as error:
        raise FaultError(str(error)) from None
    except UnicodeDecodeError:
        raise FaultError(f"{path} is not text: save it as UTF-8.") from None
