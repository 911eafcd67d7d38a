"""HTTP: requests to messages, faults to problem documents, two listeners."""
