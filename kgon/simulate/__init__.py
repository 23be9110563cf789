"""Data and simulation; never imports the theory that it checks."""
