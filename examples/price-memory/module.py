"""What price-memory answers: questions, routes and facts. It knows nothing of NATS."""

import json
from memory import Memory

KNOWN_VERSION = 1


class TooNew(Exception):
    """A fact of a version that comes after this program: it waits for the upgrade."""


class PriceMemory:
    def __init__(self, memory: Memory):
        self.memory = memory

    def answer(self, handler: str, args: dict) -> dict:
        """One of the replies of the protocol."""
        if handler != "price.suggest":
            return fault("handler-unknown", f"there is no handler '{handler}' here")
        suggestion = self.memory.suggest(args["categoryId"])
        return {"none": True} if suggestion is None else {"v": suggestion}

    def hear(self, position: int, name: str, version: int, sale: dict) -> None:
        if version > KNOWN_VERSION:
            raise TooNew(f"{name} is of version {version}")
        self.memory.hear(position, sale)

    def route(self, method: str, path: str) -> tuple[int, object]:
        """Status and what is shown as JSON."""
        if method == "GET" and path == "/prices":
            return 200, {"items": self.memory.prices()}
        if method == "GET" and path.startswith("/prices/"):
            category = path.removeprefix("/prices/")
            return 200, {"categoryId": category, "suggestion": self.memory.suggest(category)}
        return 404, {"status": 404, "code": "not-found", "detail": f"There is nothing at {method} {path}."}

    def health(self) -> dict:
        return {"ok": True, "details": {"position": self.memory.position}}


def fault(code: str, message: str) -> dict:
    return {"error": {"kind": "invalid", "code": code, "message": message}}


def read_object(text: bytes) -> dict:
    """Raises a ValueError for what is no JSON object."""
    value = json.loads(text)
    if not isinstance(value, dict):
        raise ValueError("a JSON object is wanted")
    return value
