"""The bill formats by the name that `format:` in apportion.yaml gives them.

A format is one file of this room. It says how a file's columns become those of
a charge, and, where a provider delivers by manifest, which files count.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from apportion.model.project import SourceSpec
from apportion.model.table import READY
from apportion.sources.anthropic_costs import lay_out_anthropic_costs
from apportion.sources.aws.cur import read_aws_cur
from apportion.sources.aws.manifest import find_delivered
from apportion.sources.aws.split import SPLIT
from apportion.sources.azure.exports import find_azure, find_focus
from apportion.sources.azure.read import read_azure
from apportion.sources.completion import Completion
from apportion.sources.files import InputFile, find_files
from apportion.sources.focus import read_focus
from apportion.sources.gcp.export import read_gcp
from apportion.sources.head import Head
from apportion.sources.openai_costs import lay_out_openai_costs
from apportion.sources.oracle import read_oracle
from apportion.sources.pulled_files import find_newest
from apportion.sources.reading import Reading
from apportion.sources.table import read_table
from apportion.sources.unwrap import Plain

FormatReader = Callable[[Head, SourceSpec, str], Reading]


@dataclass(frozen=True)
class Format:
    """How files of a format are found and read, and what only all of them together show.

    `read` is given the head of a file, the source, and the project's currency.
    `opens` are the endings, in lower case, of the files that `find` opens; of all
    others it may look at the names and sizes only, so that those which aren't
    part of the bill needn't be fetched. `lay_out` makes a table in a folder of files that
    are none; without it a file is unpacked only. `keys` are ``x_`` columns that rules see
    without asking: what such charges are matched to usage by.
    """

    read: FormatReader
    find: Callable[[SourceSpec, Path], tuple[InputFile, ...]] = find_files
    opens: tuple[str, ...] = ("manifest.json",)
    completion: Completion | None = None
    lay_out: Callable[[InputFile, Path], Plain] | None = None
    keys: tuple[str, ...] = ()


FORMATS: Mapping[str, Format] = {
    "focus": Format(read_focus, find_focus),
    "aws-cur": Format(read_aws_cur, find_delivered, completion=SPLIT),
    "azure": Format(read_azure, find_azure),
    "gcp": Format(read_gcp),
    "oracle": Format(read_oracle),
    "table": Format(read_table),
    **dict.fromkeys(READY, Format(read_table)),
    "anthropic-costs": Format(
        read_table,
        find_newest,
        lay_out=lay_out_anthropic_costs,
        keys=("x_ContextWindow", "x_ModelId", "x_NativeTokenType", "x_ServiceTier"),
    ),
    "openai-costs": Format(
        read_table,
        find_newest,
        lay_out=lay_out_openai_costs,
        keys=("x_ApiKeyId", "x_ModelId", "x_UserId"),
    ),
}
