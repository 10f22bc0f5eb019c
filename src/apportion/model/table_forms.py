"""The YAML forms of a table: its columns, tags, prices and spread."""

from __future__ import annotations

from apportion.domain.charge import BY_NAME, FOCUS_COLUMNS
from apportion.model.forms import NAME, NAMES, TAG_NAME, WORDS
from apportion.model.shape import Choice, Either, Form, Key, Pattern, Table, Text
from apportion.model.table import BILLED
from apportion.model.values import as_x_column

FORMULA = Text("a formula")


def as_charge_column(text: str) -> str:
    """A FOCUS column or an x_ column; raises ValueError."""
    if text == "x_":
        raise ValueError("a column has a name after its x_")
    return text if text in BY_NAME else as_x_column(text)


CHARGE_COLUMN = Pattern(
    "a FOCUS column or an x_ column",
    as_charge_column,
    {"type": "string", "pattern": f"^(x_.+|{'|'.join(c.name for c in FOCUS_COLUMNS)})$"},
    hint="write it as FOCUS does, or begin it with x_",
)

COLUMNS = Key(
    Table(CHARGE_COLUMN, FORMULA, "a mapping from columns to formulas"),
    "Columns of the charges, each with a formula over the columns of the file.",
)
TAGS = Key(
    Table(TAG_NAME, FORMULA, "a mapping from tag keys to formulas"),
    "Tags of the charges, each key with a formula; empty values are no tags.",
)

SPREAD = Form(
    "a spread",
    {
        "over": Key(FORMULA, "A formula: over how many months, 1 to 600.", needed=True),
        "from": Key(FORMULA, "A formula: a day of the first month.", needed=True),
        "billed": Key(
            Choice(BILLED, "a way of billing"),
            "at_purchase (a charge of its own in the month of purchase), monthly, or never (owned "
            "assets).",
            needed=True,
        ),
        "residual": Key(FORMULA, "A formula: what remains at the end and isn't spread."),
    },
)

_PRICE_KEYS = {
    "match": Key(
        Table(NAME, FORMULA, "a mapping from columns of the list to formulas"),
        "Columns of the price list, each with a formula over the table that must equal it.",
    ),
    "price": Key(FORMULA, "A formula over the columns of the list.", needed=True),
    "at": Key(FORMULA, "A formula over the table: the time at which the price must hold."),
    "start": Key(NAME, "Column of the list: from when a price holds."),
    "until": Key(NAME, "Column of the list: until when a price holds; empty is open-ended."),
}
PRICES = Form(
    "a price list",
    {
        "path": Key(WORDS, "A CSV or Parquet file, relative to the project.", needed=True),
        **_PRICE_KEYS,
    },
)
PRICES_OR_PATH = Either(
    scalar=WORDS, mapping=PRICES, expected="the path of a price list, or a price list"
)

READY_FORM = Form(
    "a ready-made table",
    {
        "needs": Key(NAMES, "Columns by which the table is known.", needed=True),
        "road": Key(WORDS, "Where views tell the same cost in several ways: which."),
        "columns": Key(COLUMNS.shape, COLUMNS.doc, needed=True),
        "tags": TAGS,
        "spread": Key(SPREAD, "Months to spread over."),
        "prices": Key(Form("prices of a ready-made table", _PRICE_KEYS), "The price list."),
    },
)
"""A table that comes with apportion, as a file of `sources/tables`."""
