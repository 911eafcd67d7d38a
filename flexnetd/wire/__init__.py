"""The messages that cross a process or a machine: typed, validated, versioned; shared by both ends of each."""
