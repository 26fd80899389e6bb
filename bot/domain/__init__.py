"""What is true without any I/O: money, activations, the catalogue, who may spend what."""
