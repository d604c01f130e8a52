"""What a finding changes, as lines of the user's own program."""
