"""Legal forms, such as "Ltd" and "GmbH": they do not distinguish organisations."""

# Folded (`psf.text.folding.fold`).
LEGAL_FORMS = {
    "ry", "rf", "gmbh", "ggmbh", "mbh", "sia", "uab", "ab", "as", "asa", "ou", "oy", "oyj", "aps",
    "ev", "ag", "kg", "ltd", "llc", "inc", "plc", "spzoo", "zoo", "mtu", "sa", "vsi", "ooo", "ao",
    "zao", "ngo", "npo", "iks", "is", "ks", "se", "sas", "bv", "ki", "hb", "nonprofit", "limited",
}  # fmt: skip
# Legal forms that `fold` splits into several words.
LEGAL_PHRASES = ["sp z o o", "z o o", "e v", "a s", "s a", "r y", "r f", "v si", "z s"]
