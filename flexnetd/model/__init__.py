"""The words of the domain as frozen values, and the errors. Imports nothing of ours and does no I/O."""
