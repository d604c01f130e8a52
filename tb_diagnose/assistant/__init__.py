"""For coding assistants: the brief of a run, and the server of the Model Context Protocol that they ask."""
