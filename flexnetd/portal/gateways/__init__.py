"""The gateways' side: their peers, what they have applied, and who they are."""
