"""How good it is: what the system says of labelled footage, held against what people saw."""
