"""What things were sold for: a SQLite file in which the effect of a fact and its position are one transaction."""

import sqlite3
from pathlib import Path
from statistics import median

SCHEMA = """
CREATE TABLE IF NOT EXISTS sold (position INTEGER, category TEXT NOT NULL, unit_cents INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS sold_by_category ON sold (category, position);
CREATE TABLE IF NOT EXISTS heard (one INTEGER PRIMARY KEY CHECK (one = 1), position INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS passed (position INTEGER PRIMARY KEY);
INSERT OR IGNORE INTO heard VALUES (1, 0);
"""

# Fewer sales are chance, older ones another season.
FEWEST = 3
LATEST = 40


class Memory:
    def __init__(self, folder: str):
        Path(folder).mkdir(parents=True, exist_ok=True)
        # Each transaction is begun by us: see `_transaction`.
        self.db = sqlite3.connect(Path(folder) / "price-memory-1.sqlite", isolation_level=None)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.executescript(SCHEMA)

    @property
    def position(self) -> int:
        return self.db.execute("SELECT position FROM heard").fetchone()[0]

    def hear(self, position: int, sale: dict) -> bool:
        """Keeps the prices of a sale and its position, both or neither. False for a fact that came before."""
        prices = prices_in(sale)
        with self._transaction():
            if position <= self.position:
                return False
            self._keep(position, prices)
            self.db.execute("UPDATE heard SET position = ?", (position,))
            return True

    def pass_over(self, position: int) -> None:
        """Goes on behind a fact that lies with the dead letters, and notes that its effect is missing."""
        with self._transaction():
            if position > self.position:
                self.db.execute("INSERT OR IGNORE INTO passed VALUES (?)", (position,))
                self.db.execute("UPDATE heard SET position = ?", (position,))

    def hear_passed(self, position: int, sale: dict) -> None:
        """The effect of a fact that was passed over, once."""
        prices = prices_in(sale)
        with self._transaction():
            if self.db.execute("DELETE FROM passed WHERE position = ?", (position,)).rowcount > 0:
                self._keep(position, prices)

    def suggest(self, category: str) -> dict | None:
        rows = self.db.execute(
            "SELECT unit_cents FROM sold WHERE category = ? ORDER BY position DESC LIMIT ?", (category, LATEST)
        ).fetchall()
        if len(rows) < FEWEST:
            return None
        cents = round(median(row[0] for row in rows))
        return {"unitCents": cents, "words": f"médiane des {len(rows)} dernières ventes"}

    def prices(self) -> list[dict]:
        rows = self.db.execute("SELECT category, count(*) FROM sold GROUP BY category ORDER BY category").fetchall()
        return [{"categoryId": category, "sold": count, "suggestion": self.suggest(category)} for category, count in rows]

    def close(self) -> None:
        self.db.close()

    def _keep(self, position: int, prices: list[tuple[str, int]]) -> None:
        self.db.executemany("INSERT INTO sold VALUES (?, ?, ?)", [(position, *price) for price in prices])

    def _transaction(self) -> "_Transaction":
        return _Transaction(self.db)


class _Transaction:
    def __init__(self, db: sqlite3.Connection):
        self.db = db

    def __enter__(self) -> None:
        self.db.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind, *_) -> None:
        self.db.execute("ROLLBACK" if kind else "COMMIT")


def prices_in(sale: dict) -> list[tuple[str, int]]:
    """Category and price of one piece, for each line that was paid. What leaves for free says nothing about a price."""
    return [
        (line["categoryId"], round(line["lineCents"] / line["qty"]))
        for line in sale["lines"]
        if "preset" not in line and line["lineCents"] > 0
    ]
