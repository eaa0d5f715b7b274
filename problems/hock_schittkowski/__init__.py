"""Small test examples: Hock and Schittkowski (1981), doi:10.1007/978-3-642-48320-2."""
