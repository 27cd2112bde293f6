"""Where a running installation can be reached."""

from pathlib import Path

import pytest

from runtime.address_book import read_addresses, write_addresses
from runtime.settings import load_settings


def test_commands_find_a_running_installation_by_its_folder(tmp_path: Path) -> None:
    write_addresses(tmp_path, temporal_address="127.0.0.1:17999", smtp_url="smtp://127.0.0.1:1999")

    settings = load_settings(var=tmp_path)

    assert settings.temporal_address == "127.0.0.1:17999"
    assert settings.smtp_url.get_secret_value() == "smtp://127.0.0.1:1999"


def test_a_variable_goes_before_what_the_folder_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_addresses(tmp_path, temporal_address="127.0.0.1:17999")
    monkeypatch.setenv("DRUMBEAT_TEMPORAL_ADDRESS", "127.0.0.1:7999")

    assert load_settings(var=tmp_path).temporal_address == "127.0.0.1:7999"


@pytest.mark.parametrize("text", ["", "{", '{"database_url": "sqlite://"}'])
def test_what_cannot_be_read_or_is_no_address_counts_for_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "addresses.json").write_text(text)

    assert read_addresses(tmp_path) == {}
