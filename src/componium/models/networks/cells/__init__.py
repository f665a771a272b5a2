"""Networks over the cells of several parts, some of which are hidden: excerpts, masks, the network itself."""
