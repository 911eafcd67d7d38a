"""The operator's portal: accounts, second factors, sessions, addresses and notices, over protocol version 1."""
