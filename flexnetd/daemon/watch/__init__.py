"""What happens around us: suspend and log-out by logind, the resolver's restarts, changes of links and routes."""
