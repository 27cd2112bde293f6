import pytest

from planning.ward_names import same_ward


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hazel Ward", "hazel ward"),
        ("Hazel Ward", "Ward Hazel"),
        ("Hazel Ward", "The Hazel Unit"),
        ("Rowan Ward", "Rowans Ward"),
        ("St. Anne’s", "St Annes"),
        ("Élan Ward", "Elan Wd."),
        ("River Wharfe", "River  Wharf"),
    ],
)
def test_one_ward_in_two_spellings_is_recognised(one: str, other: str) -> None:
    """R12: the same ward twice is told, whichever of the two came first."""
    assert same_ward(one, other)
    assert same_ward(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ash Ward", "Oak Ward"),
        ("Oak 1", "Oak 2"),
        ("Blackthorn 1", "Blackthorn 2"),
        ("Blackthorn Ward A", "Blackthorn Ward B"),
        ("Ward A", "Ward B"),
        ("Severn North", "Severn South"),
        ("Willow", "Willow PICU"),
    ],
)
def test_two_wards_with_like_names_are_two(one: str, other: str) -> None:
    """R12: a number, a letter or a word that sets wards apart counts."""
    assert not same_ward(one, other)
