"""The archive: pictures that cameras asked to keep, in a folder or in S3-compatible storage."""
