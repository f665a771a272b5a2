"""Known corpora by kind of music, one file each; `componium.corpora` lists them all."""
