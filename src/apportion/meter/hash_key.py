"""Print the digest of an API key for the map of keys: ``python -m apportion.meter.hash_key``.

The key is asked for, or read from the first line of the input, so that it stands in no
command line and no history. A pepper is taken from APPORTION_METER_PEPPER.
"""

from __future__ import annotations

import os
import sys
from getpass import getpass

from apportion.meter.api_keys import digest_of_key


def main() -> int:
    typed = getpass("API key: ") if sys.stdin.isatty() else sys.stdin.readline()
    key = typed.strip()
    if not key:
        sys.stderr.write("no key was given\n")
        return 2
    pepper = os.environ.get("APPORTION_METER_PEPPER", "").encode()
    sys.stdout.write(digest_of_key(key, pepper) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
