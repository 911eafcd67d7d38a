"""Beginning and finishing a login: the sealed login, the proofs, the password, the limits."""
