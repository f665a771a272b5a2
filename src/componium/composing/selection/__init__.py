"""What is kept of what was drawn: of candidates for a phrase the one that is taken for human, drafts without flaws."""
