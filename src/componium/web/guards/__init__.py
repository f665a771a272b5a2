"""What every request passes before a route sees it: who asks, how much it sends, what every answer carries."""
