"""A diagnosis as JSON, text, Markdown, HTML, a notebook block and JUnit XML."""
