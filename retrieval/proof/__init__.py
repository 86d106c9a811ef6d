"""Whether a claim is carried by its evidence; the only maker of citations."""
