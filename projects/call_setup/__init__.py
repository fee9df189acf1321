"""Rules, criteria and texts of a new call, copied from an earlier call, and standard questions."""
