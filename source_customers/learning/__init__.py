"""What an API gives beyond its documents: discover declares it, and read names what its catalog lacks."""
