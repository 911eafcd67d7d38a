"""Where the evidence comes from: files that everybody may read, and the distribution's own tools, run as nobody."""
