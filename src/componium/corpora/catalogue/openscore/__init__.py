"""Corpora of OpenScore: scores of the long nineteenth century, transcribed by volunteers, with no rights reserved."""
