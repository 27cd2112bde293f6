"""What crosses a boundary: payloads that live in histories, forms that come in at the door."""
