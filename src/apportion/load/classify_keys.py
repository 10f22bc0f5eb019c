"""Say of each charge key what kind of cost it is; charges that are alike are looked at once.

What is said depends on the key alone (and on the catalogue), so it is no part
of the key's digest: another catalogue changes no key.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import pyarrow as pa
from sqlglot import exp

from apportion.classify import SUBJECT_COLUMNS, Classifier, catalogue_digest, patterns_of
from apportion.domain.cost_class import CLASS_COLUMNS
from apportion.domain.period import Period
from apportion.load.workbench import Workbench
from apportion.model.classes import ClassRule
from apportion.model.digest import digest_of
from apportion.store.relation import column, columns, sql, table

CLASSED_BY = "ClassedBy"
"""The column of the keys that says for which period, and by which catalogue, they were classed."""

_SUBJECTS, _CLASSES = "class_subjects", "classes"
_NUMBER = "SubjectNo"


@dataclass(frozen=True)
class Classing:
    """Who classes the keys, and the mark that this leaves on them."""

    classifier: Classifier = field(default_factory=Classifier)
    mark: str = ""


@dataclass(frozen=True)
class ClassBook:
    """All patterns of a load: those of the model, and after them the catalogue.

    A model's pattern holds in the billing periods whose first day lies in its days.
    """

    own: tuple[ClassRule, ...] = ()

    @cached_property
    def digest(self) -> str:
        """Another digest classes charges otherwise, so that bills are read anew."""
        return digest_of([catalogue_digest(), self.own])

    def at(self, period: Period) -> Classing:
        """What classes the charges of a billing period."""
        held = [one for one in self.own if one.valid.covers(period.start)]
        return Classing(Classifier(patterns_of(held)), f"{period} {self.digest[:16]}")


def with_classes(bench: Workbench, keys: str, classing: Classing) -> exp.Query:
    """The keys of a relation in the order of KeyId, with what kind of cost each is.

    Invariant: one row for each key, as before.
    """
    there = bench.columns(keys)
    looked_at = [name for name in SUBJECT_COLUMNS if name in there]
    bench.create(
        _SUBJECTS,
        sql(
            """
            SELECT row_number() OVER () AS SubjectNo, s.*
            FROM (SELECT DISTINCT _columns FROM _keys AS k) AS s
            """,
            _columns=columns(looked_at),
            _keys=table(keys),
        ),
    )
    bench.table(_CLASSES, _classes(bench, classing.classifier))
    return sql(
        """
        SELECT k.* EXCLUDE (Helper), _classes, _mark AS ClassedBy
        FROM _keys AS k
        LEFT JOIN _subjects AS s ON _alike
        LEFT JOIN _classed AS c ON c.SubjectNo = s.SubjectNo
        ORDER BY k.KeyId
        """,
        _classes=columns(CLASS_COLUMNS, "c"),
        _mark=exp.Literal.string(classing.mark),
        _keys=table(keys),
        _subjects=table(_SUBJECTS),
        _alike=exp.and_(*(_same(name) for name in looked_at)),
        _classed=table(_CLASSES),
    )


def _same(name: str) -> exp.Expr:
    return exp.NullSafeEQ(this=column(name, "k"), expression=column(name, "s"))


def _classes(bench: Workbench, classifier: Classifier) -> pa.Table:
    """SubjectNo and the columns of classes, for each subject."""
    subjects = bench.arrow(sql("SELECT * FROM _s AS s", _s=table(_SUBJECTS)))
    numbers = subjects.column(_NUMBER)
    told = [name for name in subjects.column_names if name != _NUMBER]
    told = [name for name in told if subjects.column(name).null_count < len(subjects)]
    values = [subjects.column(name).to_pylist() for name in told]
    rows = zip(*values, strict=True) if values else [()] * len(subjects)
    found = [classifier.classify(dict(zip(told, row, strict=True))) for row in rows]
    made: dict[str, pa.Array | pa.ChunkedArray] = {_NUMBER: numbers}
    for name in CLASS_COLUMNS:
        made[name] = pa.array([one.get(name) for one in found], pa.string())
    return pa.table(made)
