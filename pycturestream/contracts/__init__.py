"""The data contracts: topics, records, schemas, and the codec that reads and writes them."""
