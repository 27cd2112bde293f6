"""The settings: read once, strict, and silent about secrets."""

from datetime import timedelta
from pathlib import Path

import pytest

from runtime.settings import Settings, SettingsError, load_settings, variable_for


def test_nothing_needs_to_be_set() -> None:
    settings = load_settings()

    assert settings.database_url == "sqlite:///var/live/drumbeat.db"
    assert settings.heartbeat_file == Path("var/live/heartbeat")
    assert settings.mail_domain == "drumbeat.example"


def test_what_is_derived_follows_what_is_given(tmp_path: Path) -> None:
    settings = load_settings(var=tmp_path, mail_from="ops@trust.example")

    assert settings.database_url == f"sqlite:///{tmp_path}/drumbeat.db"
    assert settings.heartbeat_file == tmp_path / "heartbeat"
    assert settings.mail_domain == "trust.example"


def test_an_argument_goes_before_a_variable_and_a_variable_before_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for field in ("task_queue", "temporal_namespace", "smtp_url"):
        (tmp_path / f"drumbeat_{field}").write_text("smtp://from-a-file:25\n")
    monkeypatch.setenv("DRUMBEAT_SECRETS_DIR", str(tmp_path))
    monkeypatch.setenv("DRUMBEAT_TASK_QUEUE", "from-a-variable")
    monkeypatch.setenv("DRUMBEAT_TEMPORAL_NAMESPACE", "from-a-variable")

    settings = load_settings(task_queue="from-an-argument")

    assert settings.task_queue == "from-an-argument"
    assert settings.temporal_namespace == "from-a-variable"
    assert settings.smtp_url.get_secret_value() == "smtp://from-a-file:25"


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRUMBEAT_TASK_QUEUE", "")

    assert load_settings().task_queue == "drumbeat"


@pytest.mark.parametrize("given", ["2.5", "PT2.5S"])
def test_a_duration_is_given_in_seconds(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRUMBEAT_SMTP_DEADLINE", given)

    assert load_settings().smtp_deadline == timedelta(seconds=2.5)


def test_an_unknown_variable_is_refused_with_the_nearest_known_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DRUMBEAT_SMPT_URL", "smtp://mail.trust.example:25")

    with pytest.raises(SettingsError) as refused:
        load_settings()

    assert str(refused.value) == (
        "DRUMBEAT_SMPT_URL is not a setting: the nearest is DRUMBEAT_SMTP_URL; "
        "correct it or take it away."
    )


def test_an_unknown_file_is_refused_and_other_peoples_files_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "postgres_password").write_text("x")
    monkeypatch.setenv("DRUMBEAT_SECRETS_DIR", str(tmp_path))
    assert load_settings().secrets_dir == tmp_path

    (tmp_path / "drumbeat_databse_url").write_text("x")
    with pytest.raises(SettingsError, match="DRUMBEAT_DATABSE_URL is not a setting"):
        load_settings()


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("DRUMBEAT_SMTP_URL", "http://user:hunter2@mail", "must begin with one of"),
        ("DRUMBEAT_SMTP_URL", "smtp://user:hunter2@mail:port", "check its port"),
        ("DRUMBEAT_SMTP_URL", "smtp://user:hunter2@mail", "a login needs encryption"),
        ("DRUMBEAT_TEMPORAL_ADDRESS", "hunter2", "give a host and a port"),
        ("DRUMBEAT_TEMPORAL_UI_URL", "hunter2", "URL"),
        ("DRUMBEAT_HEARTBEAT_URL", "ftp://hunter2", "URL"),
        ("DRUMBEAT_SMTP_DEADLINE", "hunter2", "timedelta"),
        ("DRUMBEAT_SMTP_DEADLINE", "0", "greater than"),
        ("DRUMBEAT_LOG_LEVEL", "hunter2", "'debug', 'info'"),
        ("DRUMBEAT_MAIL_FROM", "hunter2", "email address"),
    ],
)
def test_a_wrong_value_is_named_and_never_quoted(
    variable: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)

    with pytest.raises(SettingsError) as refused:
        load_settings()

    assert str(refused.value).startswith(f"{variable} cannot be used: ")
    assert said in str(refused.value)
    assert str(refused.value).count("DRUMBEAT_") == 1
    assert "hunter2" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_password_is_not_shown() -> None:
    settings = load_settings(
        smtp_url="smtps://user:hunter2@mail.trust.example",
        database_url="postgresql+psycopg://user:hunter2@host/drumbeat",
    )

    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize("field", sorted(Settings.model_fields))
def test_each_setting_says_what_it_is(field: str) -> None:
    assert f"\n        {field}: " in (Settings.__doc__ or "")
    assert variable_for(field) == f"DRUMBEAT_{field.upper()}"
