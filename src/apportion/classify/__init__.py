"""Classification: what kind of cost a charge is, and which model, token or GPU it stands for.

The knowledge is data: tables beside this file, one row a fact, each with its
source and the month in which it was last read there::

    patterns.csv      which charges a pattern knows; the first that matches decides
    words.csv         abbreviations within meter names, by provider
    models.csv        one name for each AI model, however a bill spells it
    machines.csv      GPUs of machine types
    accelerators.csv  names of GPUs and their like
    units.csv         units of bills, and what one of them is

A charge is classed once for all that are alike in what patterns look at, when
it is loaded. What no pattern knows, though it is AI by its service, is classed
`ai_not_recognised`: an amount to see, never a guess.
"""

from __future__ import annotations

from apportion.classify.classify import Classifier
from apportion.classify.own import patterns_of
from apportion.classify.subject import SUBJECT_COLUMNS
from apportion.classify.tables import catalogue_digest

__all__ = ["SUBJECT_COLUMNS", "Classifier", "catalogue_digest", "patterns_of"]
