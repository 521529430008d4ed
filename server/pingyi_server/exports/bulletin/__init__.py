"""The bulletin (公报): one page of HTML for the public."""
