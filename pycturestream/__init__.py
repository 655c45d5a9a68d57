"""PyctureStream: camera pictures turned into tracks, counts, alerts and sentences."""
