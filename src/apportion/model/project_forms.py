"""The YAML forms of apportion.yaml: every key, its shape and its meaning."""

from __future__ import annotations

from apportion.domain.charge import COSTS, FOCUS_COLUMNS
from apportion.domain.rate import RateType
from apportion.model.anomaly_spec import SENSITIVITIES
from apportion.model.close_forms import ACCRUAL, CLOSE, INVOICE_GATE
from apportion.model.delivery_forms import DELIVERY
from apportion.model.dispute_forms import DISPUTES
from apportion.model.erp_forms import ERPS
from apportion.model.forms import (
    AMOUNT,
    FLAG,
    MONTH,
    NAME,
    TOTAL,
    WHOLE,
    WORDS,
)
from apportion.model.pull_forms import PULL
from apportion.model.retention import Age
from apportion.model.shape import Choice, Either, Form, Items, Key, Pattern, Table, Text
from apportion.model.table import READY
from apportion.model.table_forms import COLUMNS, PRICES_OR_PATH, SPREAD, TAGS
from apportion.model.usage_spec import USAGE_FORMATS
from apportion.model.values import (
    as_x_column,
)

_CONTROL = Either(
    scalar=Text("a path to a CSV of totals"),
    mapping=Table(
        MONTH,
        Either(
            scalar=TOTAL,
            mapping=Table(NAME, TOTAL),
            expected="an amount, or a mapping from currency to amount",
        ),
    ),
    expected="a mapping from periods to amounts, or a path",
)

FORMATS = ("focus", "aws-cur", "azure", "gcp", "oracle", "table", *READY)
"""Bill formats, by name; each is a file of the room `sources`, or of its folder `tables`."""


_RATE_TYPES = tuple(str(kind) for kind in RateType)

SOURCE = Form(
    "a source",
    {
        "format": Key(
            Choice(FORMATS, "a bill format"),
            f"The format of the bill: {', '.join(FORMATS)}.",
            needed=True,
        ),
        "path": Key(
            WORDS,
            "A file, a folder or a glob, relative to the project; or the address of one in an "
            "object store: s3://BUCKET/PREFIX, gs://… or az://….",
            needed=True,
        ),
        "endpoint": Key(
            WORDS, "URL of the server of an s3:// or gs:// path, where it isn't the provider's own."
        ),
        "control": Key(
            _CONTROL,
            "Outside totals that the billed cost must equal: period to amount, period to currency "
            "to amount, or a CSV with the columns period, amount, currency and optional basis.",
        ),
        "without": Key(
            Items(
                Choice(tuple(c.name for c in FOCUS_COLUMNS), "a FOCUS column"),
                "a list of FOCUS columns",
            ),
            "Needed columns that this export is known not to have.",
        ),
        "keys": Key(
            Items(
                Pattern("an x_ column", as_x_column, {"type": "string", "pattern": "^x_"}),
                "a list of x_ columns",
            ),
            "x_ columns that rules may see besides those that the model names.",
        ),
        "sheet": Key(NAME, "The sheet of an Excel workbook; its first when left out."),
        "header": Key(
            WHOLE,
            "The row of the sheet that names the columns, from 1; the first that isn't blank "
            "when left out.",
        ),
        "currency": Key(
            NAME, "The currency of amounts that don't name theirs; the project's when left out."
        ),
        "columns": COLUMNS,
        "tags": TAGS,
        "spread": Key(SPREAD, "For `format: table`: cost that is spread over months."),
        "prices": Key(
            PRICES_OR_PATH,
            "A price list: its path for a ready-made table, all that is known of it for "
            "`format: table`.",
        ),
        "rate_type": Key(
            Choice(_RATE_TYPES, "a type of rate"),
            "Which rates convert this source's charges; the project's `type` when left out.",
        ),
        "final_until": Key(
            MONTH,
            "The last month that won't be restated any more; else a month is final when all its "
            "charges bear an invoice.",
        ),
        "cost": Key(
            Choice(("actual", "amortized"), "actual or amortized"),
            "For azure: which cost the exports of `path` carry, where it doesn't show in them.",
        ),
        "amortized": Key(
            WORDS,
            "For azure: where the amortised export lies, if `path` is the actual one and both "
            "are wanted.",
        ),
        "decimal": Key(
            Choice(("point", "comma"), "a decimal mark"),
            "For azure: the decimal mark of amounts, where it doesn't show in them.",
        ),
        "dates": Key(
            Choice(("month-first", "day-first"), "an order of dates"),
            "For azure: how 09/10/2026 is read; month-first when left out.",
        ),
        "pull": Key(PULL, "How `apportion pull` fetches it from its provider."),
        "recoverable_tax": Key(
            Either(
                scalar=FLAG,
                items=Items(NAME),
                expected="true, false, or a list of billing accounts",
            ),
            "Whether tax on its invoices is recovered and so no cost: true when left out, false, "
            "or the billing accounts whose tax is.",
        ),
        "rounding": Key(
            TOTAL,
            "How far an invoice may lie from its rows and still be the provider's rounding; half "
            "a minor unit when left out.",
        ),
        "invoice": Key(INVOICE_GATE, "`close.invoice` for this source alone."),
    },
)

USAGE = Form(
    "a source of usage",
    {
        "format": Key(
            Choice(USAGE_FORMATS, "a usage format"),
            f"The format of its files: {', '.join(USAGE_FORMATS)}.",
            needed=True,
        ),
        "path": Key(WORDS, "A file, a folder or a glob, relative to the project.", needed=True),
        "timezone": Key(
            WORDS,
            "The time zone of times that don't name theirs, say Europe/Berlin; UTC when left out.",
        ),
        "columns": Key(
            Table(NAME, WORDS, "a mapping from our columns to the file's"),
            "Which column of the file is which of ours, where the names differ.",
        ),
        "options": Key(
            Table(NAME, WORDS, "a mapping from options to values"),
            "What the format must be told besides; its how-to page says what it knows.",
        ),
        "pull": Key(PULL, "How `apportion pull` fetches it from its provider."),
    },
)

RATES = Form(
    "rates",
    {
        "file": Key(
            WORDS,
            "A CSV of your own rates: date (or period), from, to, rate, and optionally "
            "type, source, origin. It wins over `ecb`.",
        ),
        "ecb": Key(FLAG, "Reference rates of the European Central Bank (`apportion[ecb]`)."),
        "type": Key(
            Choice(_RATE_TYPES, "a type of rate"),
            "Which rate converts a charge: daily, month_average, closing or invoice; "
            "month_average when left out.",
        ),
        "last_known": Key(
            WHOLE,
            "How many days old a rate may be that stands in for a day without one; 7 when "
            "left out.",
        ),
    },
)

LOCATIONS = Form(
    "locations",
    {
        "lake": Key(WORDS, "Folder of the loaded charges; .apportion/lake when left out."),
        "books": Key(
            WORDS,
            "The books: a file for SQLite, an SQLAlchemy URL, or env:NAME for the URL in that "
            "environment variable; .apportion/books.sqlite when left out.",
        ),
        "model": Key(WORDS, "Folder of the model; model when left out."),
    },
)

SHADOW = Form(
    "a shadow model",
    {
        "model": Key(WORDS, "Folder of the shadow model, say model-next.", needed=True),
        "from": Key(MONTH, "The first month in which it is evaluated beside the model."),
        "until": Key(MONTH, "The first month in which it no longer is."),
    },
)

ANOMALIES = Form(
    "anomalies",
    {
        "least": Key(
            AMOUNT,
            "The least extra cost that is worth an alert, in the reporting currency; 100 when "
            "left out.",
        ),
        "sensitivity": Key(
            Choice(SENSITIVITIES, "a sensitivity"),
            "low, normal or high: how far beyond the usual spread an alert begins; normal when "
            "left out.",
        ),
    },
)

ENGINE = Form(
    "an engine",
    {
        "name": Key(Choice(("duckdb", "spark"), "an engine"), "duckdb or spark.", needed=True),
        "address": Key(WORDS, "For spark: address of a Spark Connect server, sc://host:port."),
    },
)

_AGE = Pattern(
    "an age",
    Age.parse,
    {"type": "string", "pattern": "^[0-9]+ (day|month|year)s?$"},
    hint="write it as 10 years, 25 months or 90 days",
)

RETENTION = Form(
    "retention",
    {
        "journals": Key(_AGE, "How long journals must be kept; they are never removed."),
        "audit": Key(_AGE, "How long the audit log must be kept; it is never removed."),
        "snapshots": Key(_AGE, "How long superseded loads of bills are kept after their loading."),
        "usage": Key(
            _AGE,
            "How long raw usage, which may hold personal data, is kept: superseded loads after "
            "their loading, current ones after their month.",
        ),
        "legal_hold": Key(
            Items(WORDS, "a list of sources, months or snapshots"),
            "What nothing may be removed of: a source, a month, or a snapshot.",
        ),
    },
)

PROJECT = Form(
    "apportion.yaml",
    {
        "name": Key(WORDS, "The name of the project, printed on statements.", needed=True),
        "currency": Key(NAME, "Reporting currency, by its ISO 4217 code.", needed=True),
        "basis": Key(
            Choice(COSTS, "a cost basis"), "Cost basis of statements; EffectiveCost when left out."
        ),
        "engine": Key(
            Either(
                scalar=Choice(("duckdb", "spark"), "an engine"),
                mapping=ENGINE,
                expected="duckdb, or `name` and `address` of an engine",
            ),
            "Where SQL runs: duckdb when left out.",
        ),
        "rates": Key(
            Either(
                scalar=Text("a path to a CSV of rates, or ecb"),
                mapping=RATES,
                expected="a path, ecb, or a mapping",
            ),
            "What other currencies are converted by; nothing is converted when left out.",
        ),
        "anomalies": Key(ANOMALIES, "What is worth an alert."),
        "shadow": Key(SHADOW, "A model that is evaluated beside the current one, for a pilot."),
        "locations": Key(LOCATIONS, "Where things lie, relative to this file."),
        "sources": Key(
            Table(NAME, SOURCE, "a mapping from names to sources"), "The bills.", blank=True
        ),
        "usage": Key(
            Table(NAME, USAGE, "a mapping from names to sources of usage"),
            "Who used how much: the quantities that split shared cost.",
            blank=True,
        ),
        "close": Key(CLOSE, "What a close needs."),
        "accrual": Key(ACCRUAL, "How months are estimated whose bills aren't complete."),
        "disputes": Key(DISPUTES, "How long teams may dispute a line, and where the money is."),
        "delivery": Key(DELIVERY, "How statements reach their teams: by mail, over the web."),
        "erp": Key(ERPS, "What ERPs must be told besides the journal, by format.", blank=True),
        "retention": Key(RETENTION, "How long what is kept.", blank=True),
    },
)
