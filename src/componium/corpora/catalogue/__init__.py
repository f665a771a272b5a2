"""The known corpora by kind of music, one file each."""
