"""The tunnel: what is wanted, what is there, the way from one to the other, and who carries it out."""
