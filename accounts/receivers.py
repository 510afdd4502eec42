"""Facts from below, turned into rows here."""
