"""The explorer: one page on which a point is dragged about and everything that is known of it is seen."""
