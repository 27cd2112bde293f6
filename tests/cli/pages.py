"""Pages whose text is kept in ``golden/``; run as a module, it writes them anew."""

import tempfile
from pathlib import Path

from storage.database import Database
from storage.schema import upgrade
from tests.cli.fake_programme import FakeProgramme
from tests.cli.printing import printed_by
from tests.cli.scene import set_scene

GOLDEN = Path(__file__).parent / "golden"
PAGES = {
    "services": ("services",),
    "show": ("show", "SVC-16"),
    "show_signing": ("show", "SVC-21"),
    "show_withdrawn": ("show", "SVC-42"),
    "sessions": ("sessions",),
    "sessions_of_a_service": ("sessions", "SVC-16", "--to", "2024-11-05"),
    "chases": ("chases",),
    "edition": ("edition", "show"),
    "order": ("order",),
    "why_message": ("why", "ffff"),
    "why_session": ("why", "SVC-16/delivery/4"),
    "why_service": ("why", "svc-16"),
    "why_chase": ("why", "wider/SVC-16/catch_up/1"),
    "mail_list": ("mail", "list"),
    "mail_show": ("mail", "show", "0123"),
    "mail_preview": ("mail", "preview", "reminder", "delivery"),
}


def write_pages() -> None:
    """Write every page as it is printed now."""
    GOLDEN.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/drumbeat.db"
        upgrade(url)
        database = Database(url)
        with database.transaction() as rows:
            set_scene(rows)
        database.close()
        for name, tokens in PAGES.items():
            printed = printed_by(Path(folder), FakeProgramme(), *tokens)
            (GOLDEN / f"{name}.txt").write_text(printed.out)


if __name__ == "__main__":
    write_pages()
