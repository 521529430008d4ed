"""Minutes and slips: what the report says, set on paper as PDF."""
