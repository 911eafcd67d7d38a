"""The agent on each WireGuard gateway: it holds peers and their ends, and nothing else."""
