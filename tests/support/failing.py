"""What fails for one person, so that tests see what becomes of the others."""

from portal.sealed import Sealer

NOT_FOR = "mary@example.org"


class FailingSealer(Sealer):
    """Seals anything but one address."""

    def seal(self, value: str, *, context: str) -> bytes:
        if value == NOT_FOR:
            raise ValueError(f"can't seal for {context}")
        return super().seal(value, context=context)
