"""The scrutineer's countersignature, as a command for now."""
