"""Make documents fit a target, or say why they don't, before a byte is written.

Names of master data are never changed: one that a target can't take is an error. Texts are
for people: they are cleaned and cut, with a note.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from apportion.domain.finding import Finding, Level
from apportion.domain.journal import Assignment, JournalDocument, JournalLine
from apportion.domain.money import minor_digits
from apportion.publish.erp.limits import FORMULA, KINDS, PARTS, WORDS, Field, Limits
from apportion.publish.erp.settings import ErpSettings
from apportion.publish.erp.split import split


@dataclass(frozen=True)
class Fitted:
    """Documents as a target takes them: its codes, its lengths, its number of lines."""

    parts: tuple[JournalDocument, ...]
    findings: tuple[Finding, ...]

    @property
    def may_be_written(self) -> bool:
        return not any(one.level is Level.ERROR for one in self.findings)


def fit(documents: Sequence[JournalDocument], limits: Limits, settings: ErpSettings) -> Fitted:
    """Documents split and named as a target wants them, in the order of their ids.

    Every departure is a finding; parts may be written only if none of them is an error.
    """
    work = _Fitting(limits, settings)
    work.check_settings()
    parts: list[JournalDocument] = []
    for document in sorted(documents, key=lambda one: one.id):
        if work.sound(document):
            parts += work.parts(document)
    work.check_ids(parts)
    return Fitted(tuple(parts), tuple(work.findings()))


@dataclass
class _Fitting:
    limits: Limits
    settings: ErpSettings
    names: dict[tuple[str, str], str] = field(default_factory=dict)
    places: dict[Assignment, Assignment] = field(default_factory=dict)
    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    told: dict[tuple[str, str], Finding] = field(default_factory=dict)
    count: Counter[tuple[str, str]] = field(default_factory=Counter)

    def findings(self) -> list[Finding]:
        """What was found, each thing once, with the lines or documents that it touches."""
        return [replace(one, rows=self.count[key]) for key, one in self.told.items()]

    def _tell(self, finding: Finding, about: str) -> None:
        key = (finding.code, about)
        self.told.setdefault(key, finding)
        self.count[key] += 1

    def check_settings(self) -> None:
        """An error for each option that can't be left out."""
        for option in self.limits.needed:
            if not self.settings.option(option):
                name = self.settings.spec.format
                self._tell(
                    Finding(
                        "erp-setting-missing",
                        Level.ERROR,
                        f"{name} needs the option `{option}`",
                        self.settings.spec.place,
                        f"erp: {{{name}: {{options: {{{option}: …}}}}}} in apportion.yaml",
                    ),
                    option,
                )

    def sound(self, document: JournalDocument) -> bool:
        """Whether a document balances, and its figures have room."""
        if document.difference or len(document.lines) < 2:
            off = document.amount(document.difference)
            self._tell(
                Finding(
                    "erp-unbalanced",
                    Level.ERROR,
                    f"{document.id}: {len(document.lines)} lines, debits less credits are {off:f}",
                    hint="this is a fault of apportion: please report it",
                ),
                document.id,
            )
            return False
        digits = minor_digits(document.currency)
        # No line of a part can be larger than all debits together.
        if digits > self.limits.after or document.total >= 10 ** (self.limits.before + digits):
            self._tell(
                Finding(
                    "erp-amount-refused",
                    Level.ERROR,
                    f"{document.id}: {document.amount(document.total):f} {document.currency} has "
                    f"more digits than {self.limits.before} before and {self.limits.after} after "
                    "the point",
                    hint="post this currency by another format",
                ),
                document.id,
            )
            return False
        return True

    def parts(self, document: JournalDocument) -> list[JournalDocument]:
        """A document in the target's words, split."""
        entity = self._name("entity", document.entity)
        if "currency" in self.limits.coded:
            self._name("currency", document.currency)
        named = replace(
            document,
            entity=entity,
            text=self._text("title", self.limits.title, document.text),
            lines=tuple(self._line(line) for line in document.lines),
        )
        caps = [one for one in (self.limits.lines, self.settings.spec.lines) if one]
        return split(named, min(caps, default=0), apart=self.limits.apart)

    def _line(self, line: JournalLine) -> JournalLine:
        at = self.places.get(line.at)
        if at is None:
            names = ((part, getattr(line.at, part)) for part in PARTS)
            made = (self._name(part, name) if name else "" for part, name in names)
            at = self.places[line.at] = Assignment(*made)
        text = self._text("text", self.limits.text, line.text)
        return JournalLine(at, line.side, line.units, text)

    def _text(self, what: str, room: Field, text: str) -> str:
        key = (what, text)
        if key not in self.texts:
            if text[:1] and text[0] in FORMULA:
                self._refuse(what, text, "a spreadsheet would take it for a formula")
            self.texts[key] = room.cut(room.charset.clean(text))
        found = self.texts[key]
        if found != text:
            self._tell(
                Finding(
                    "erp-text-changed",
                    Level.NOTE,
                    f"texts are cut to {room.characters} characters and freed of what "
                    f"{self.settings.spec.format} can't take: {text!r} became {found!r}",
                ),
                what,
            )
        return found

    def _name(self, part: str, name: str) -> str:
        key = (part, name)
        if key not in self.names:
            self.names[key] = self._checked(part, name)
        return self.names[key]

    def _checked(self, part: str, name: str) -> str:
        """The target's word for a name; an empty text where it has no place for such a thing."""
        room = self.limits.names.get(part)
        if room is None:
            kept = {"tax_code": "tax", "partner": "the other entity"}.get(part, "the dimension")
            self._tell(
                Finding(
                    "erp-field-left-out",
                    Level.NOTE,
                    f"{self.settings.spec.format} has no place for a {WORDS[part]}: {kept} is "
                    "not posted",
                ),
                part,
            )
            return ""
        code = self.settings.code(part, name)
        if code is None and part in self.limits.coded:
            self._missing(part, name)
            return name
        if code is None:
            code = self.settings.entity(name) if part in {"entity", "partner"} else name
        self._check(part, code, room)
        return code

    def _check(self, part: str, code: str, room: Field) -> None:
        if code[0] in FORMULA:
            self._refuse(part, code, "a spreadsheet would take it for a formula")
        elif not room.charset.takes(code) or code != code.strip():
            self._refuse(part, code, "it holds characters that the target doesn't take")
        elif not room.fits(code):
            self._tell(
                Finding(
                    "erp-name-too-long",
                    Level.ERROR,
                    f"{WORDS[part]} {code!r} has {len(code)} characters ({len(code.encode())} "
                    f"bytes), and {self.settings.spec.format} takes {room.characters} "
                    f"({room.most_bytes})",
                    hint="correct it, or name the ERP's own under `codes`",
                ),
                code,
            )

    def _missing(self, part: str, name: str) -> None:
        self._tell(
            Finding(
                "erp-code-missing",
                Level.ERROR,
                f"{self.settings.spec.format} knows {WORDS[part]} {name!r} by its own id only",
                self.settings.spec.place,
                f"codes: {{{KINDS[part]}: {{{name!r}: …}}}}",
            ),
            f"{part} {name}",
        )

    def _refuse(self, part: str, text: str, why: str) -> None:
        what = WORDS.get(part, part)
        self._tell(
            Finding(
                "erp-name-refused",
                Level.ERROR,
                f"{what} {text!r} can't be posted: {why}",
                hint="correct the name in the model; it is never quoted or changed on the way",
            ),
            text,
        )

    def check_ids(self, parts: Sequence[JournalDocument]) -> None:
        """An error for an external id that two documents have."""
        for name, count in Counter(part.id for part in parts).items():
            if count > 1:
                self._tell(
                    Finding(
                        "erp-id-twice",
                        Level.ERROR,
                        f"{count} documents have the external id {name}",
                        hint="the same document is given twice: post it once",
                    ),
                    name,
                )
