"""Where theory is held against simulation and against the literature."""
