"""The year's appraisal over several meetings: what each came to, where each target stands, and what comes next."""
