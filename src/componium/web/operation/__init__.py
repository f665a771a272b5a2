"""What those who run the server see: logs and figures."""
