"""Configuration: environment, cameras.yaml and recipients.yaml, validated here and nowhere else."""
