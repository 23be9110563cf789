"""``python -m check file.json …``, from the folder above this one or a copy of it."""

import sys

from .entry import main

sys.exit(main())
