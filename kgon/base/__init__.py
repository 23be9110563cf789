"""What everything stands on: verdicts, results, tables, checks of options, files, random streams, work."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
