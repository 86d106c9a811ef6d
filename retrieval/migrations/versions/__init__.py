"""One module for each schema. A step is kept as it was released: it spells its tables out and imports none."""
