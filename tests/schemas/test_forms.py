"""What people ask at the door."""

import pytest
from pydantic import ValidationError

from schemas.forms import ServiceForm


def test_a_note_with_an_nhs_number_is_refused() -> None:
    """P10: a phone number is none."""
    with pytest.raises(ValidationError, match="looks like an NHS number"):
        ServiceForm(actor="CO-01", edition="wider", service="SVC-01", note="about 943 476 5919")

    said = ServiceForm(actor="CO-01", edition="wider", service="SVC-01", note="ring 07700 900123")
    assert said.note == "ring 07700 900123"
