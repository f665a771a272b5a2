"""The sampling procedures of composers that fill the cells of a grid."""
