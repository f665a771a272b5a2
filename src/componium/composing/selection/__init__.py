"""What is kept of what was drawn: drafts without flaws, and of several candidates the one that is taken for human."""
