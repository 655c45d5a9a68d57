"""Which pictures of a camera are archived, under which names, and until when."""
