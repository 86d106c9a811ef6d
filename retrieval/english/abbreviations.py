"""Abbreviations that are written with a full stop."""

from __future__ import annotations

ABBREVIATIONS = frozenset(
    "mr mrs ms mx dr prof rev hon fr sr jr st ste mt ft gen col lt cpl sgt maj capt cmdr adm brig gov sen rep reps "
    "pres supt insp det amb sec vs no nos vol ed est approx dept fig inc corp co cos ltd plc bros messrs mme mlle "
    "jan feb mar apr jun jul aug sep sept oct nov dec e.g i.e cf al".split()
)
"""Words whose full stop belongs to them; lower case, without the stop."""

ABBREVIATIONS_AT_END = frozenset("inc corp co cos ltd plc bros jr sr etc al dept st no".split())
"""Abbreviations that can be the last word of a sentence."""

BEFORE_NAMES = "Mr|Mrs|Ms|Mx|Dr|Prof|Rev|Sen|Rep|Gov|Gen|Col|Lt|Sgt|Capt|Maj|Adm|Jr|Sr|St|Hon|Messrs"
"""A pattern of the abbreviations beside names, with their capitals."""
