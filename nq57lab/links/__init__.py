"""What is linked to what: the graph of the catalogue's elements, the questions put to it, and the link matrices of the proposal."""
