"""What pictures are searched by: a query as a value, and whether a picture matches it."""
