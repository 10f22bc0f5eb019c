"""Random bills and models, small and full of what goes wrong: for property tests."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from apportion.domain.owner import Evidence, Owner, OwnerKind
from apportion.errors import Place
from apportion.model.condition import read_where
from apportion.model.dated import ALWAYS, Validity
from apportion.model.organisation import Organisation, OrgUnit, UnitKind
from apportion.model.pools import Pool
from apportion.model.project import Model
from apportion.model.rules import Condition, Inheritance, Listed, Rule
from apportion.model.taxonomy import TagKey, Taxonomy
from plain_charges import Charge

HERE = Place("model.yaml", 1, 1)
TEAMS = ("nlp", "cv", "rec")
POOLS = ("lake", "net")
COLUMNS = ("ServiceName", "SubAccountId", "ResourceName", "ResourceId", "x_Project", "x_odd.name")
TAGS = ("team", "Team ", "squad", "env", "cluster", 'we"ird.key')
VALUES = ("a", "ab", "abc", "b-a", "nlp", "cv", " NLP", "rec", "İ", "it's", "", "50%", "a_c", "😀")
GLOBS = ("a*", "*b", "*b*", "a?c", "*", "nlp", "?", "b*a", "*-*", "n*", "50%*", "a_c", "ab*", "")
WHERE = (
    "ResourceName = 'a' OR tag.env = 'ab'",
    "NOT (tag.team = 'nlp')",
    "ResourceId IS NULL",
    "tag.squad IS NOT NULL AND ServiceName <> 'a'",
    "SubAccountId LIKE 'a%' AND ResourceName NOT LIKE '%_c'",
    "coalesce(tag.cluster, ResourceName) IN ('a', 'abc')",
    "lower(ResourceName) >= 'b'",
    "length(ResourceName) = 1 OR regexp_matches(ResourceName, '^a\\w')",
    "starts_with(x_Project, 'a') OR ends_with(ResourceId, 'c')",
    "contains(ResourceName, '-') AND trim(upper(tag.team)) = 'NLP'",
    "left(ResourceName, 1) = right(ResourceId, 1)",
)
FIRST = date(2026, 9, 28)

COMMON = ("a", "ab", "nlp", "cv")
values = st.one_of(st.sampled_from(COMMON), st.sampled_from(COMMON), st.sampled_from(VALUES))
days = st.integers(0, 36).map(lambda n: FIRST + timedelta(days=n))
validity = st.one_of(
    st.just(ALWAYS),
    st.just(ALWAYS),
    st.builds(
        lambda start, length, kind: Validity(
            start if kind != "until" else None,
            start + timedelta(days=length) if kind != "from" else None,
        ),
        days,
        st.integers(1, 20),
        st.sampled_from(["from", "until", "both"]),
    ),
)
money = st.one_of(
    st.decimals(-1000, 1000, places=2),
    st.integers(-(10**29), 10**29).map(lambda n: Decimal(n).scaleb(-18)),
)
names = st.one_of(
    st.sampled_from(COLUMNS[:3]),
    st.sampled_from(COLUMNS),
    st.sampled_from(TAGS).map("tag.{}".format),
)
lists = st.lists(values, min_size=1, max_size=4).map(tuple)
globs = st.lists(st.sampled_from(GLOBS), min_size=1, max_size=3).map(tuple)
equalities = st.tuples(names, lists)
patterns = st.tuples(names, globs)


@st.composite
def charges(draw: st.DrawFn) -> list[Charge]:
    """A bill of a few keys, each charged on several days, in two sources and periods."""
    made = []
    for _ in range(draw(st.sampled_from([0, 1, 4, 6, 8, 8]))):
        columns = draw(
            st.fixed_dictionaries(
                dict.fromkeys(COLUMNS[:3], values), optional=dict.fromkeys(COLUMNS[3:], values)
            )
        )
        tags = draw(st.dictionaries(st.sampled_from(TAGS), values, max_size=4))
        for day in draw(st.lists(days, min_size=1, max_size=4)):
            costs = draw(st.tuples(money, money, money, money))
            source = draw(st.sampled_from(["cloud", "other"]))
            period = draw(st.sampled_from(["2026-10", "2026-11"]))
            made.append(Charge(day, columns, tags, costs, source, period))
    return made


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    """Mostly one part: an equality, a pattern, or SQL; now and then all of them, or none."""
    kind = draw(st.sampled_from(["equals", "equals", "patterns", "where", "any", "none"]))
    many = 2 if kind == "any" else 1
    equals, globbed, text = [], [], None
    if kind in {"equals", "any"}:
        equals = draw(st.lists(equalities, min_size=2 - many, max_size=many))
    if kind in {"patterns", "any"}:
        globbed = draw(st.lists(patterns, min_size=2 - many, max_size=many))
    if kind == "where" or (kind == "any" and draw(st.booleans())):
        text = draw(st.sampled_from(WHERE))
    if text is None:
        return Condition(tuple(equals), tuple(globbed))
    read = read_where(text)
    return Condition((*equals, *read.equals), tuple(globbed), read.where)


teams = st.sampled_from(TEAMS).map(lambda name: Owner(OwnerKind.TEAM, name))
pool_owners = st.sampled_from(POOLS).map(lambda name: Owner(OwnerKind.POOL, name))
owners = st.one_of(teams, teams, pool_owners)
listed = st.lists(st.builds(Listed, values, owners, validity), min_size=1, max_size=4).map(tuple)


@st.composite
def rules(draw: st.DrawFn, position: int) -> Rule:
    """A rule of any of its three kinds."""
    kind = draw(st.sampled_from(["owner", "owner", "owner", "from_tag", "listed"]))
    return Rule(
        f"rule {position}",
        position,
        HERE,
        draw(conditions()),
        draw(st.sampled_from(list(Evidence)[:4])),
        owner=draw(owners) if kind == "owner" else None,
        from_tag=draw(st.sampled_from(TAGS)) if kind == "from_tag" else "",
        column=draw(names) if kind == "listed" else "",
        listed=draw(listed) if kind == "listed" else (),
        valid=draw(validity),
    )


@st.composite
def pools(draw: st.DrawFn) -> tuple[Pool, ...]:
    """Pools with a condition of their own, taken from a team, or named by rules only."""
    made = []
    for position, name in enumerate(draw(st.permutations(POOLS))):
        kind = draw(st.sampled_from(["condition", "team", "named", "named", "named"]))
        made.append(
            Pool(
                name,
                position,
                name,
                HERE,
                (),
                draw(conditions()) if kind == "condition" else None,
                draw(st.sampled_from(TEAMS)) if kind == "team" else "",
                draw(validity),
            )
        )
    return tuple(made)


TAXONOMIES = (
    Taxonomy(),
    Taxonomy({"team": TagKey("team", HERE, ("squad",), {"ab": "cv", "İ": "rec"}, ("nlp", "cv"))}),
    Taxonomy(
        {"team": TagKey("team", HERE, ("env", "TEAM")), "env": TagKey("env", HERE, ("cluster",))}
    ),
)


@st.composite
def models(draw: st.DrawFn) -> Model:
    """A small model of everything that decides who carries a charge."""
    number = draw(st.sampled_from([0, 2, 4, 5, 6]))
    inherit = draw(st.lists(st.tuples(names, names, validity), max_size=2))
    units = {name: OrgUnit(name, UnitKind.TEAM, name, HERE, draw(validity)) for name in TEAMS}
    return Model(
        organisation=Organisation(units),
        taxonomy=draw(st.sampled_from(TAXONOMIES)),
        rules=tuple(draw(rules(position)) for position in range(number)),
        inherit=tuple(
            Inheritance(f"inherit {n}", n, HERE, child, parent, valid)
            for n, (child, parent, valid) in enumerate(inherit)
        ),
        pools=draw(pools()),
    )
