"""The command line, one file a verb; a verb imports what it needs when it runs.

The verbs that judge music are in ``judging``.
"""
