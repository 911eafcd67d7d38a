"""`flexnet-admin`: what the operator's IT service does."""
