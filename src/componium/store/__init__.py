"""What the studio remembers: pieces in a SQL database, and recorded music that is installed with the package."""

from componium.store.engine import open_database
from componium.store.pieces import StoredPiece, StoredPieces

__all__ = ["StoredPiece", "StoredPieces", "open_database"]
