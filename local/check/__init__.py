"""What `rapport check` does: every mistake in the content, with its file and line."""
