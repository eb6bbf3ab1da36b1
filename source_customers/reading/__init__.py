"""How a list becomes rows: pages, look-ahead, the proof that none is missing, and the state that is left."""
