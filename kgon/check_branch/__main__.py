"""``python -m check_branch file.json …``, from the folder above this one or a copy of it."""

import sys

from . import main

sys.exit(main())
