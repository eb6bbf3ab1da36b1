"""A model of the four providers that doubts the reader: servers that misbehave in every way they never promised not to.

A `Case` holds everything that is drawn: the server's habits, the changes, the clocks, the workers. `play` reads the
same server three times and says what came of it. Everything derives from one seed, so a failure can be played again.
"""
