"""What both sides of Pingyi and any auditor share: messages, keys, the meaning of a record, and its proof."""
